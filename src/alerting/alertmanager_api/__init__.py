"""Alertmanager's API, version 2, so that its clients can be used."""
