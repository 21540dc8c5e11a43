"""What files were found to hold, remembered: they never change, so it stays true."""
