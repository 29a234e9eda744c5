"""The nightly suites: against a running quote-service, wherever it runs, beside others that use it too."""
