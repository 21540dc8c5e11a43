"""What the commands of `goldeneye` do, one file a command."""
