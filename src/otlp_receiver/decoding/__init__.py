"""Bodies become rows: docs/decoding.md says exactly how."""
