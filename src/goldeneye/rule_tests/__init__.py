"""promtool's unit tests of rules: series in, alerts and values out."""
