"""The rollup: ledger → facts → figures → publication. DuckDB computes, in the pod (docs/adr/0023)."""
