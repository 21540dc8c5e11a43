"""Goldeneye joins the receiver, the storage and the query layer into one process."""

__version__ = "0.1.0"
