"""Label matchers, in Alertmanager's UTF-8 and classic syntax."""
