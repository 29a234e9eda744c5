"""Airflow's connections for the doctor: address, account, extras, from whatever secrets backend is set."""

from __future__ import annotations

from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import Connection

from hummingbird.core.errors import NotFound
from hummingbird.orchestration.address import address


def connection_fields(name: str) -> dict[str, object]:
    """The fields of a connection; NotFound when no backend has it."""
    try:
        found = Connection.get(name)
    except AirflowNotFoundException as error:
        raise NotFound(f"there is no Airflow connection {name}") from error
    kind = found.conn_type
    return {
        "url": "" if kind == "kubernetes" else address(found),
        "user": found.login or "",
        "secret": found.password or "",
        "extra": found.extra_dejson,
    }
