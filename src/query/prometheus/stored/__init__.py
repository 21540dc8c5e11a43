"""The source of PromQL's samples: what is stored, under the names that Prometheus would give it."""
