"""The nightly suites: against a running order-gateway, wherever it runs, beside others that use it too."""
