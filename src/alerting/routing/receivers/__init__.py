"""What each kind of receiver is told by its configuration, a file each."""
