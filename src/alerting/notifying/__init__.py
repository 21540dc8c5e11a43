"""What a notification says: the data of its templates, and the webhook's payload."""
