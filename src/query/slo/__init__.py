"""What service level objectives ask of the data."""
