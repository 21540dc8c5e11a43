"""Alertmanager's routing: its configuration, and who is told what and when."""
