"""Airflow's local settings: the entrance of every component, and what tasks need before they are forked.

Measured on Airflow 3.3.2: what is raised here ends every component, SystemExit with its sentence alone.
Importing the Kubernetes operator costs a worker half a second with bytecode and three without, for every
task; a worker forked after the import pays 0.03 s.
"""

from __future__ import annotations

import sys

from hummingbird.preflight.airflow import component_of

__all__: list[str] = []  # Airflow takes over every name that a local settings file has

_component = component_of(sys.argv)
if _component:
    from hummingbird.orchestration.entrance import refuse_unsound_start

    refuse_unsound_start(_component)

if "scheduler" in sys.argv:
    import hummingbird.clients.airflow
    import hummingbird.clients.artifactory
    import hummingbird.clients.gitlab
    import hummingbird.clients.harbor
    import hummingbird.clients.jira
    import hummingbird.clients.notary
    import hummingbird.orchestration.jira
    import hummingbird.orchestration.steps  # noqa: F401
