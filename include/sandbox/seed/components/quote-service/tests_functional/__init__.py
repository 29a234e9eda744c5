"""Functional tests: against a running quote-service, wherever it runs."""
