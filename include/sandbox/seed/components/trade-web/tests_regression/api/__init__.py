"""What programs rely on: the probes, and how the service bears wrong and slow callers."""
