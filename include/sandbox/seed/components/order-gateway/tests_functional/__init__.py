"""Functional tests: against a running order-gateway, wherever it runs."""
