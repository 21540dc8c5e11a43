"""The child process that runs SQL written by users, without any power but to read the data."""
