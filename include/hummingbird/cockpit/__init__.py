"""What people look at: views of the ledger, for a terminal or a browser."""
