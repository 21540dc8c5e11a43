"""Rules as the API shows, takes and tries them."""
