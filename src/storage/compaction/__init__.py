"""Many small files become few: planned by partition, merged by a worker, swapped at once."""
