"""Brings a running sandbox into its starting state, through the systems' public APIs only."""
