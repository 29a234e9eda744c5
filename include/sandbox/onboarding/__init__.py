"""Brings any git repository into the sandbox: looked at, tried, imported, given a story to travel by."""
