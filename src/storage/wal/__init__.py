"""The write-ahead log: records, segments, appending, reading back."""
