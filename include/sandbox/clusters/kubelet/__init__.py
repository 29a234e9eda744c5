"""The node: runs pods as processes, tells their state, probes them, ends them."""
