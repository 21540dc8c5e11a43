"""Generated classes of our own protobuf contracts; `make proto` writes them."""
