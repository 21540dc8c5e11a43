"""Native (exponential and custom-bucket) histograms."""
