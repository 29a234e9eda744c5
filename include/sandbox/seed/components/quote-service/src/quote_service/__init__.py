"""Reference quotes: what a security is called and where it closed."""
