"""The service that holds the pen and the key: sole writer of the ledger, sole issuer of warrants."""
