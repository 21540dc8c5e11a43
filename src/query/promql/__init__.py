"""PromQL: evaluated for a whole range at once, on arrays of series and steps."""
