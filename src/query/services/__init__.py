"""What services there are, and their requests, errors and durations."""
