"""Prometheus's own test language: load samples, evaluate, compare."""
