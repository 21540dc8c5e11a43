"""`python -m goldeneye` is the command `goldeneye`."""

from goldeneye.cli import main

main()
