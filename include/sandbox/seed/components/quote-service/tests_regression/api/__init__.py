"""What programs rely on: the contract's answers, and how the service bears wrong and slow callers."""
