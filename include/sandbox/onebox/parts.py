"""The whole platform as parts: what runs, in which order, with which environment."""

from __future__ import annotations

import functools
import json
import signal
from collections.abc import Sequence
from pathlib import Path

from sandbox.onebox import postgres, probes
from sandbox.onebox.airflow_environment import airflow_environment
from sandbox.onebox.connections import write_connections
from sandbox.onebox.fingerprint import fingerprint
from sandbox.onebox.part import Daemon, Part, Step
from sandbox.onebox.place import Place
from sandbox.onebox.platform_environment import (
    builder_environment,
    ledger_environment,
    notary_environment,
    sandbox_environment,
)
from sandbox.onebox.secret_files import passwords, write_secret_files
from sandbox.world import CLUSTERS

SYSTEMS = ("jira", "gitlab", "harbor", "artifactory", "apollo")
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
SYSTEM_PORTS = (*SYSTEMS, "apollo-config")


def all_parts(place: Place) -> list[Part]:
    """Everything, in no particular order: `needs` tells it."""
    return [*_database(place), *_sandbox(place), *_notary(place), *_airflow(place)]


def farewell(place: Place) -> list[Step]:
    """What is done before the last daemons stop: the pods end, which outlive their cluster's process."""
    command = _sandbox_command(place, "stop-pods")
    return [Step("stop-pods", "stopping pods", command, environment=sandbox_environment(place))]


def _module(place: Place, name: str, *arguments: str) -> list[str]:
    return [str(place.python), "-m", name, *arguments]


def _sandbox_command(place: Place, verb: str, *arguments: str) -> list[str]:
    where = ["--home", str(place.home), "--port-base", str(place.port_base)]
    return _module(place, "sandbox", verb, *arguments, *where)


def _database(place: Place) -> list[Part]:
    async def answers() -> bool:
        return postgres.ready(place)

    return [
        Step("secrets", "secrets", functools.partial(write_secret_files, place)),
        Step("database-files", "database files", functools.partial(postgres.initialise, place)),
        Daemon(
            "postgres",
            "PostgreSQL",
            postgres.server_command(place),
            answers,
            needs=("database-files",),
            environment={"LANG": "C.UTF-8", "TZ": "UTC"},
            stop_wave=2,
            stop_signal=signal.SIGINT,
            user=postgres.system_user(),
        ),
        Step("databases", "databases", functools.partial(postgres.create_databases, place), ("postgres",)),
    ]


def _sandbox(place: Place) -> list[Part]:
    world, environment = place.world, sandbox_environment(place)
    return [
        Daemon(
            "sandbox",
            "Jira, GitLab, Harbor, Artifactory, Apollo",
            _sandbox_command(place, "serve", *SYSTEMS),
            probes.ports(world.port(name) for name in SYSTEM_PORTS),
            environment=environment,
            stop_wave=1,
        ),
        Daemon(
            "clusters",
            "Kubernetes clusters",
            _sandbox_command(place, "serve", "clusters"),
            probes.ports(world.port(name) for name in CLUSTERS),
            environment=environment,
            stop_wave=1,
        ),
        _seed(place, "seed", "stories, repository, registries", SYSTEMS, "sandbox"),
        _seed(place, "seed-clusters", "secrets of the clusters", ("clusters",), "clusters"),
        Step(
            "toolbox",
            "toolbox image",
            _module(place, "sandbox.onebox.toolbox", str(place.home), str(place.port_base)),
            needs=("seed",),
            environment=builder_environment(place),
            fingerprint=fingerprint(place.repository / "include" / "hummingbird", str(place.home)),
        ),
        Step(
            "connections",
            "connections",
            functools.partial(write_connections, place),
            needs=("toolbox", "clusters"),
        ),
        # Airflow looks at its connections before it starts; only their toolbox image is not known yet.
        Step(
            "first-connections",
            "connections, toolbox image aside",
            functools.partial(write_connections, place),
        ),
    ]


def _seed(place: Place, name: str, title: str, systems: Sequence[str], serves: str) -> Step:
    source = place.repository / "include" / "sandbox" / "seed"
    return Step(
        name,
        title,
        _module(place, "sandbox.onebox.seeding", str(place.home), str(place.port_base), *systems),
        needs=(serves, "notary-key"),
        environment=sandbox_environment(place),
        fingerprint=fingerprint(source, str(place.home), str(place.port_base)),
    )


def _notary(place: Place) -> list[Part]:
    environment = notary_environment(place)
    owner = postgres.dsn(place, "ledger_owner", "ledger")
    key = place.secrets / "notary-key.pem"
    return [
        Step(
            "ledger",
            "ledger",
            _module(place, "hummingbird", "ledger", "migrate", "--dsn", owner),
            needs=("databases",),
            environment=ledger_environment(place),
        ),
        Step("ledger-roles", "ledger's roles", functools.partial(postgres.open_ledger, place), ("ledger",)),
        Step(
            "notary-key",
            "notary's key",
            _module(place, "hummingbird.notary", "init-key", str(key)),
            environment=environment,
            fingerprint=fingerprint(str(key)),
        ),
        Daemon(
            "notary",
            "notary",
            _module(
                place,
                "hummingbird.notary",
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                str(place.port_base + 1),
            ),
            probes.page(f"{place.notary_url}/health"),
            needs=("ledger-roles", "notary-key", "secrets"),
            environment=environment,
            stop_wave=1,
        ),
    ]


def _airflow(place: Place) -> list[Part]:
    environment = airflow_environment(place)
    here = Path(__file__).parent
    return [
        Step(
            "airflow-database",
            "Airflow's database, roles and accounts",
            _module(place, "sandbox.onebox.prepare_airflow", str(place.repository / "airflow_settings.yaml")),
            needs=("databases",),
            environment={**environment, "HB_PASSWORDS": json.dumps(passwords(place))},
            fingerprint=fingerprint(
                place.repository / "requirements.txt",
                place.repository / "airflow_settings.yaml",
                here / "prepare_airflow.py",
                place.repository / "include" / "catalog" / "roles.yaml",
                place.catalogue,
                *sorted((place.repository / "include" / "hummingbird" / "orchestration").glob("*role*.py")),
                place.repository / "include" / "hummingbird" / "orchestration" / "fab_rights.py",
                environment["AIRFLOW__CORE__AUTH_MANAGER"],
                str(place.home),
            ),
        ),
        Daemon(
            "airflow",
            "Airflow: scheduler, DAG processor, triggerer, UI and API",
            _module(place, "sandbox.onebox.airflow_family", str(place.logs), *COMPONENTS),
            probes.heartbeats(place.airflow_url, ("scheduler", "dag_processor", "triggerer")),
            ("airflow-database", "first-connections"),
            environment,
        ),
        Step(
            "dags",
            "delivery paths",
            _module(place, "sandbox.onebox.await_dags", str(place.home), str(place.port_base)),
            needs=("airflow",),
            environment=environment,
        ),
    ]
