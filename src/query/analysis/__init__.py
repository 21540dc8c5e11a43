"""What a user's SQL says, found out before it runs: pure functions over its text."""
