"""Alerts as the API shows them: now, in the past, and who has seen them."""
