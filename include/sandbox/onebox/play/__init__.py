"""The demo's people: each acts with an account of their own, through public APIs only."""
