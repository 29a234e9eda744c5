"""Programs that a team brings: what they depend on, how they are installed, tested and made an image."""
