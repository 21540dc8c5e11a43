"""A copy of a data folder from which a server can start, taken also while a server writes it."""
