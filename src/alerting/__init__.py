"""Rules, routing and notification: from a fault in the data to a person being told."""
