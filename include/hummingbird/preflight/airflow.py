"""Airflow's own settings: who may come in, and with which keys it signs and seals."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from pydantic import Field

from hummingbird.core.record import Record
from hummingbird.preflight.databases import dsn_problems

SHORTEST_JWT = 64
"""Bytes: HS512 asks for as many (RFC 7518, 3.2)."""
SHORTEST_SECRET = 32
FEWEST_LETTERS = 10
"""A secret of fewer different letters was typed, not drawn."""
DEFAULT = "default"
"""Airflow's word for the source of a value that nobody set."""
AIRFLOW_CLASSES = "airflow.*"
"""Airflow's default for what a value that one task hands to another may become."""
WORKER = "worker"
"""A Celery worker needs no database."""
SIGNERS = ("api-server", "scheduler")
COMPONENTS = (*SIGNERS, "dag-processor", "triggerer", WORKER)
"""Commands of `airflow` (or `airflow celery`) that stay and serve, the most demanding first."""
_KNOWN = ("airflow_jwt_secret", "airflow", "changeme", "secret", "temporary_key", "static-key")


class AirflowFacts(Record):
    """What the checks need of Airflow's configuration; the `_source`s say where a value comes from."""

    component: str
    auth_manager: str
    fernet_key: str = Field(repr=False)
    fernet_source: str
    jwt_secret: str = Field(repr=False)
    jwt_source: str
    jwt_private_key: str
    api_secret: str = Field(repr=False)
    api_secret_source: str
    expose_config: str
    xcom_classes: str = ""
    xcom_class_patterns: str = ""
    public_role: str = ""
    database: str = Field(repr=False)
    database_source: str


def component_of(words: Iterable[str]) -> str | None:
    """The component that a command line starts (of several, the most demanding); None for other commands."""
    given = {part for word in words for part in word.split()}
    if "preflight" in given:
        return None  # that command asks the same questions itself
    return next((component for component in COMPONENTS if component in given), None)


def airflow_problems(facts: AirflowFacts) -> list[str]:
    """What is wrong with Airflow's settings."""
    told = []
    if "SimpleAuthManager" in facts.auth_manager or not facts.auth_manager:
        told.append(
            "the auth manager is Airflow's Simple one, which knows no persons; set [core] auth_manager to "
            "hummingbird.orchestration.auth.DeliveryAuthManager"
        )
    elif facts.auth_manager.rsplit(".", 1)[-1] != "DeliveryAuthManager":
        told.append(
            f"the auth manager is {facts.auth_manager}, which cannot match a prompt's persons; set [core] "
            "auth_manager to hummingbird.orchestration.auth.DeliveryAuthManager"
        )
    told += _fernet(facts)
    if not facts.jwt_private_key and (facts.component in SIGNERS or facts.jwt_secret):
        told += _secret("[api_auth] jwt_secret", facts.jwt_secret, facts.jwt_source, SHORTEST_JWT)
    told += _secret("[api] secret_key", facts.api_secret, facts.api_secret_source, SHORTEST_SECRET)
    if facts.expose_config.strip().casefold() not in ("false", ""):
        told.append("[api] expose_config shows the configuration to whoever is signed in; set it to False")
    if facts.xcom_classes not in ("", AIRFLOW_CLASSES) or facts.xcom_class_patterns:
        told.append(
            "[core] allowed_deserialization_classes lets XComs build objects not of Airflow's classes; "
            f"leave it at {AIRFLOW_CLASSES}, and its regexp unset"
        )
    if facts.public_role:
        told.append(
            f"[fab] auth_role_public gives whoever is not signed in the role {facts.public_role}; unset it"
        )
    if facts.component != WORKER or facts.database_source != DEFAULT:
        told += dsn_problems("[database] sql_alchemy_conn", facts.database)
    return told


def _fernet(facts: AirflowFacts) -> list[str]:
    mend = "set [core] fernet_key to one that `Fernet.generate_key()` made, the same for all components"
    if facts.fernet_source == DEFAULT or not facts.fernet_key.strip():
        return [f"[core] fernet_key is not set: passwords would lie open, or be lost at a restart; {mend}"]
    for key in facts.fernet_key.split(","):
        try:
            raw = base64.urlsafe_b64decode(key.strip())
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32 or len(set(raw)) < FEWEST_LETTERS:
            return [f"[core] fernet_key is not 32 drawn bytes in URL-safe base64; {mend}"]
    return []


def _secret(name: str, value: str, source: str, shortest: int) -> list[str]:
    mend = f"set it to {shortest} drawn characters or more, the same for all components"
    if source == DEFAULT or not value:
        return [f"{name} is not set: each process would draw its own; {mend}"]
    if len(value.encode()) < shortest:
        return [f"{name} has {len(value.encode())} bytes; {mend}"]
    if len(set(value)) < FEWEST_LETTERS or value.casefold() in _KNOWN:
        return [f"{name} was typed, not drawn; {mend}"]
    return []
