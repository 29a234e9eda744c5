"""What traders rely on: the page and what it shows of quotes and orders."""
