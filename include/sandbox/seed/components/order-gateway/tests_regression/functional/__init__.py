"""What traders rely on: which orders are taken, which are refused and why, what is remembered."""
