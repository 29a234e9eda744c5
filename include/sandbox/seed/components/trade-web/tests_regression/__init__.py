"""The nightly suites, in Python: against a running trade-web, wherever it runs, beside others that use it too."""
