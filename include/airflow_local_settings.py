"""Airflow's local settings: what tasks need is imported once, before the scheduler forks its workers.

Measured on Airflow 3.3.2: importing the Kubernetes operator costs a worker half a second with bytecode and
three without, for every task; a worker forked after the import pays 0.03 s.
"""

from __future__ import annotations

import sys

if "scheduler" in sys.argv:
    import hummingbird.clients.airflow
    import hummingbird.clients.artifactory
    import hummingbird.clients.gitlab
    import hummingbird.clients.harbor
    import hummingbird.clients.jira
    import hummingbird.clients.notary
    import hummingbird.orchestration.jira
    import hummingbird.orchestration.steps  # noqa: F401
