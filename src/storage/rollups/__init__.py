"""Points become rows of five minutes and of an hour, when these are over: `metric_rollups`."""
