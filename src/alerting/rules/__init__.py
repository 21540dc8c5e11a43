"""Rules: their files, their evaluation, what becomes of their alerts."""
