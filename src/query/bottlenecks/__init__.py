"""The critical path of one trace, and over many what keeps their requests waiting."""
