"""A notary on a prepared ledger that is put back for each sequence, with a clock and a policy to move."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, event, text

from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict, NotFound, Retryable, Unreachable
from hummingbird.core.person import Person
from hummingbird.ledger.engine import connect, database_url
from hummingbird.ledger.roles import READER, WRITER
from hummingbird.ledger.witness import Head, Witness, head_of
from hummingbird.notary import dispatcher
from hummingbird.notary.app import create_app
from hummingbird.notary.dispatcher import run_errands
from hummingbird.notary.office import Issues, Office
from hummingbird.notary.signing import make_key
from hummingbird.notary.tokens import Tokens
from postgres import LedgerDatabase
from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import CATALOGUE, TASKS, WEBHOOK, Scene
from unit.notary.scene import READER as READER_TOKEN
from unit.notary.serving import loopback_client, served

RUNS = ("prod_deploy/HB-101.1", "prod_deploy/HB-101.2")
BOTH = ["release_approver", "operations_approver"]

_CLOCK = f"""
CREATE SCHEMA moved;
CREATE TABLE moved.clock (ahead interval NOT NULL);
INSERT INTO moved.clock VALUES ('0');
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  'SELECT pg_catalog.clock_timestamp() + ahead FROM moved.clock';
GRANT USAGE ON SCHEMA moved TO {WRITER}, {READER};
GRANT SELECT ON moved.clock TO {WRITER}, {READER};
"""
_LOOK_THERE_FIRST = "SET search_path = moved, pg_catalog, public"


class AirflowInMemory(AirflowStandIn):
    """The notary's calls of Airflow without a socket; it answers nothing while it is broken."""

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return self._found(self.runs.get((dag_id, run_id)))

    def hitl_detail(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        return self._found(self.prompts.get((dag_id, run_id, task_id, map_index)))

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any], note: str | None = None) -> bool:
        if self.failures:
            self.failures.pop()
            raise Unreachable("Airflow: no answer")
        if (dag_id, run_id) in self.runs:
            return False
        self.runs[(dag_id, run_id)] = {"conf": dict(conf), "state": "queued"}
        self.triggered.append({"dag_id": dag_id, "dag_run_id": run_id})
        return True

    def task_instance(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        state = self.tasks.get((dag_id, run_id, task_id))
        return self._found({"state": state} if state else None)

    def answer_hitl(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        map_index: int,
        chosen_options: list[str],
        params_input: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = {"chosen_options": chosen_options, "params_input": dict(params_input or {})}
        if not self.take((dag_id, run_id, task_id, map_index), body):
            raise Conflict("Airflow: answered")
        return body

    def _found(self, document: dict[str, Any] | None) -> dict[str, Any]:
        if self.broken:
            raise Unreachable("Airflow: no answer")
        if document is None:
            raise NotFound("Airflow: not found")
        return document


@dataclass
class ChangingPolicy:
    """A catalogue that a test exchanges."""

    catalogue: Catalogue

    def __post_init__(self) -> None:
        self._first = self.catalogue

    def put_back(self) -> None:
        """As it was in the beginning."""
        self.catalogue = self._first

    @property
    def changed(self) -> bool:
        """Whether it is another one than in the beginning."""
        return self.catalogue is not self._first

    def current(self) -> Catalogue:
        return self.catalogue

    def give(self, person: str, roles: list[str]) -> None:
        """Give a person these roles and no others."""
        changed = self.catalogue.persons[person].model_copy(update={"roles": roles})
        persons = {**self.catalogue.persons, person: changed}
        self.catalogue = self.catalogue.model_copy(update={"persons": persons})


class Crash(Retryable):
    """The notary's process ends here; to its callers it is one that does not answer."""


@dataclass
class Fate:
    """Where the notary dies next: `before` its transaction is committed, `after`, or not at all."""

    dies: str = ""

    def pass_by(self, place: str) -> None:
        """Die once, if it is here."""
        if self.dies == place:
            self.dies = ""
            raise Crash(place)


class MortalWitness(Witness):
    """Noted after the commit: a notary that dies before it has committed, and noted nothing."""

    def __init__(self, file: Path, fate: Fate) -> None:
        super().__init__(file)
        self._fate = fate

    def note(self, head: Head) -> None:
        self._fate.pass_by("after")
        super().note(head)


def many_approvers() -> Catalogue:
    """The catalogue, with people who may wrongly be thought to be able to sign."""
    catalogue = load_catalogue(CATALOGUE)
    persons = dict(catalogue.persons)
    for name in ("release_manager", "developer"):
        persons[name] = persons[name].model_copy(update={"roles": [*persons[name].roles, *BOTH]})
    persons["stand_in"] = Person(name="stand_in", title="代班", airflow="stand_in", roles=BOTH)
    always = catalogue.environments["prod"].model_copy(update={"calendar": "always"})
    environments = {**catalogue.environments, "prod": always}
    return catalogue.model_copy(update={"persons": persons, "environments": environments})


@dataclass
class World:
    """One notary on the module's ledger, which is as it was prepared when a sequence begins."""

    scene: Scene
    airflow: AirflowInMemory
    policy: ChangingPolicy
    fate: Fate
    owner: Engine
    prepared: Mapping[str, list[str]]
    """Table → keys of the rows that preparation left."""
    app: FastAPI
    changes: int = 0
    """Deployments begun in all sequences."""

    def pass_time(self, span: timedelta) -> None:
        """Move the database's clock, the only one that counts."""
        with self.owner.begin() as connection:
            connection.execute(text("UPDATE moved.clock SET ahead = ahead + :span"), {"span": span})

    def run_errands(self) -> None:
        """Do what the notary has to do by now, as its dispatcher would."""
        run_errands(self.scene.office)

    def begin(self) -> None:
        """Back to what was prepared; the superuser alone can take rows of the ledger away."""
        with self.owner.begin() as connection:
            connection.execute(text("ALTER TABLE ledger.event DISABLE TRIGGER event_is_never_changed"))
            for table, keys in self.prepared.items():
                connection.execute(
                    text(f"DELETE FROM ledger.{table} WHERE NOT {_KEYS[table]}::text = ANY(:keys)"),
                    {"keys": keys},
                )
            connection.execute(text("ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER event_is_never_changed"))
            connection.execute(text("UPDATE moved.clock SET ahead = '0'"))
            head = head_of(connection)
        self.scene.office.witness.write(head)
        self.policy.put_back()
        self.airflow.runs.clear()
        self.airflow.prompts.clear()
        self.airflow.triggered.clear()
        self.airflow.failures.clear()
        self.fate.dies = ""


_KEYS = {
    "event": "sequence",
    "ticket": "job",
    "warrant_use": "warrant",
    "job": "id",
    "turn": "id",
    "outbox": "id",
    "errand": "id",
}
"""Table → the column that names a row; in the order in which rows can go."""


@contextlib.contextmanager
def served_quietly(app: FastAPI, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """The notary without its looks every half minute: they would act in the middle of a sequence."""
    patch.setattr(dispatcher, "_LOOK_AGAIN", timedelta(days=1).total_seconds())
    with served(app) as url:
        yield url


@contextlib.contextmanager
def prepared_world(database: LedgerDatabase, folder: Path, tracker: Issues | None = None) -> Iterator[World]:
    """A world in which a bundle runs in test, promoted to production, and two runs may ask for it."""
    owner = create_engine(database_url(database.owner))
    with owner.begin() as connection:
        connection.execute(text(_CLOCK))
        connection.execute(text(f'ALTER DATABASE "{owner.url.database}" {_LOOK_THERE_FIRST}'))
    airflow, policy, fate = AirflowInMemory(), ChangingPolicy(many_approvers()), Fate()
    office = Office(
        writer=connect(database.writer, pool_size=2),
        reader=connect(database.reader, pool_size=2),
        key=make_key(folder / "notary.pem"),
        tokens=Tokens(tasks=TASKS, reader=READER_TOKEN),
        webhook_token=WEBHOOK,
        policy=policy,
        airflow=airflow,
        airflow_url="http://airflow.test",
        witness=MortalWitness(folder / "witness", fate),
        tracker=tracker,
    )
    event.listen(office.writer, "commit", lambda _: fate.pass_by("before"))
    app = create_app(office)
    with (
        pytest.MonkeyPatch.context() as patch,
        served_quietly(app, patch) as url,
        loopback_client(url) as client,
    ):
        app.state.office = office  # its dispatcher is not woken: a sequence dispatches when it says so
        scene = Scene(client, airflow, office, folder)
        scene.through_test(a_bundle())
        scene.promote(a_bundle(), "prod")
        for run in RUNS:
            scene.admit(run, bundle=a_bundle().sha256, environment="prod")
        with owner.connect() as connection:
            prepared = {
                table: [str(row[0]) for row in connection.execute(text(f"SELECT {key} FROM ledger.{table}"))]
                for table, key in _KEYS.items()
            }
        yield World(scene, airflow, policy, fate, owner, prepared, app)
    owner.dispose()
