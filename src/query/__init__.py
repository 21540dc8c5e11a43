"""SQL over one snapshot of hot and flushed data, in sandboxed workers."""
