"""What a checkout declares about where its packages come from: requirement files, manifests, locks, settings.

Read the same way by the builder, which refuses, and by the scanner `dependencies`, which makes findings.
"""
