"""The figures once more, by other hands: plain Python over the exported ledger, nothing of the platform.

The definitions are those of docs/metrics.md, written down a second time on purpose: a mistake in the
platform's own making of figures must not be repeated here. Facts are made in facts.py and deliveries.py,
figures of them in made.py, and compared.py holds them against what was published.
"""
