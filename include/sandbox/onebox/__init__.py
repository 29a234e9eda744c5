"""The whole platform on one machine: install, start, play, stop."""
