"""Objectives of services: their documents, their error budgets, and how fast these burn."""
