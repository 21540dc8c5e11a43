"""A query's tree as text, on one line or several, and as JSON."""
