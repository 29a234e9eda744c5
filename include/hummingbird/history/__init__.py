"""The past: invented by a seed for benches and demonstrations, or brought along by a firm as CSV."""
