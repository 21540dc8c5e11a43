"""Silences as the API shows and takes them."""
