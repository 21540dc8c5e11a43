"""The alert engine at work: evaluating, notifying, and what both write down."""
