"""YAML into typed, frozen values, strictly: each mistake with its line and field."""
