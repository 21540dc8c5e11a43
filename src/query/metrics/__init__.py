"""What metrics there are, and what their values are like."""
