"""Go's text/template, as notification templates and rule annotations use it."""
