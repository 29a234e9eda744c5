"""An independent judge of a running platform: is what the ledger tells true, complete, and done once?

It shares no code with the platform, on purpose: a mistake there must not be repeated here. It reads the
ledger as exported (`hummingbird ledger export`) and asks Airflow, GitLab, Jira, the registry and the clusters
over HTTP. What it holds is in docs/reliability.md, invariants I1 to I5.
"""
