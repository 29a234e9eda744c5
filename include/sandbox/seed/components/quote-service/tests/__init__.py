"""Unit tests: fast, without network beyond this machine."""
