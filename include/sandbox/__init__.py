"""The embedded default: stand-ins for the systems around the platform, over real HTTP on loopback."""
