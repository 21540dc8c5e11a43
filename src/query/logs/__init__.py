"""Log records: search, live tail, histogram, patterns."""
