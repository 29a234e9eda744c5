"""What traders rely on: every security under its name, market and close."""
