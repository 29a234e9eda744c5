"""Order entry: every order is checked here before it may reach the exchange."""
