"""Receivers as the API shows them, and what they were told."""
