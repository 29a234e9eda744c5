"""Airflow's entrance: its components start when the preflight finds nothing, and say why when they do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow.configuration import conf, get_custom_secret_backend
from airflow.sdk import Connection
from airflow.secrets.environment_variables import EnvironmentVariablesBackend

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import DeliveryError
from hummingbird.orchestration import wiring
from hummingbird.orchestration.address import address
from hummingbird.preflight.airflow import DEFAULT, SIGNERS, WORKER, AirflowFacts, airflow_problems
from hummingbird.preflight.connections import ConnectionFacts, connection_problems, needed
from hummingbird.preflight.databases import dsn_problems, people_without_account


def refuse_unsound_start(component: str) -> None:
    """End the process with every problem, a sentence each; nothing when there is none."""
    problems = airflow_start_problems(component)
    if problems:
        lines = "\n".join(f"hummingbird: {problem}" for problem in problems)
        raise SystemExit(f"{lines}\nhummingbird: {component} is not started")


def airflow_start_problems(component: str) -> list[str]:
    """What is wrong with settings, connections, catalogue and accounts, as this process sees them."""
    facts = airflow_facts(component)
    told = airflow_problems(facts)
    try:
        catalogue = wiring.catalogue()
    except DeliveryError as error:
        return [*told, f"the catalogue cannot be used: {error}"]
    told += connections_of(catalogue, worker=component == WORKER)
    if component in SIGNERS and not dsn_problems("", facts.database):
        people = {name: person.airflow for name, person in catalogue.persons.items() if person.airflow}
        try:
            told += people_without_account(_plain(facts.database), people)
        except DeliveryError as error:
            told.append(str(error))
    return told


def airflow_facts(component: str) -> AirflowFacts:
    """Airflow's configuration with the source of each value."""
    known = conf.as_dict(display_source=True)

    def told(section: str, key: str) -> tuple[str, str]:
        _, source = known.get(section, {}).get(key) or ("", DEFAULT)
        return str(conf.get(section, key, fallback="") or ""), str(source)

    fernet, jwt, secret = (
        told("core", "fernet_key"),
        told("api_auth", "jwt_secret"),
        told("api", "secret_key"),
    )
    database = told("database", "sql_alchemy_conn")
    return AirflowFacts(
        component=component,
        auth_manager=told("core", "auth_manager")[0],
        fernet_key=fernet[0],
        fernet_source=fernet[1],
        jwt_secret=jwt[0],
        jwt_source=jwt[1],
        jwt_private_key=told("api_auth", "jwt_private_key_path")[0],
        api_secret=secret[0],
        api_secret_source=secret[1],
        expose_config=told("api", "expose_config")[0],
        xcom_classes=told("core", "allowed_deserialization_classes")[0],
        xcom_class_patterns=told("core", "allowed_deserialization_classes_regexp")[0],
        public_role=told("fab", "auth_role_public")[0],
        database=database[0],
        database_source=database[1],
    )


def connections_of(catalogue: Catalogue, *, worker: bool) -> list[str]:
    """What is wrong with the connections that this catalogue needs."""
    backends = list(_backends(worker))
    told, missing = [], []
    for name in needed(catalogue):
        found = next((one for backend in backends if (one := backend.get_connection(name))), None)
        if found is None:
            missing.append(name)
        else:
            told += connection_problems(_facts(name, found))
    if missing:
        told.append(
            f"no secrets backend has the connections {', '.join(missing)}; add them there "
            "(docs/production.md, Connections): what is in Airflow's own database, all its administrators "
            "can change"
        )
    return told


def _backends(worker: bool) -> Iterator[Any]:
    for backend in (get_custom_secret_backend(worker), EnvironmentVariablesBackend()):
        if backend is not None:
            backend._set_connection_class(Connection)
            yield backend


def _facts(name: str, connection: Any) -> ConnectionFacts:
    extra = connection.extra_dejson
    return ConnectionFacts(
        name=name, kind=connection.conn_type or "", address=address(connection), extra=extra
    )


def _plain(dsn: str) -> str:
    """The DSN without SQLAlchemy's word for the driver."""
    return "postgresql://" + dsn.partition("://")[2]
