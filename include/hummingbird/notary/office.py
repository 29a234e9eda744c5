"""What every route works with: the ledger's two connections, the key, the policy, Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, func, select

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import TrackerIssue
from hummingbird.core.story import StoryKey
from hummingbird.ledger.witness import Witness, head_of
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.tokens import Tokens


class Airflow(Protocol):
    """What the notary asks of Airflow, with the platform's account."""

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run; NotFound when there is none."""

    def hitl_detail(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """A prompt and its answer; NotFound when nobody was asked."""

    def task_instance(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """A task of a run; NotFound when there is none."""

    def open_prompts(self, dag_id: str = "~", run_id: str = "~") -> list[dict[str, Any]]:
        """Prompts that nobody has answered."""

    def answer_hitl(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        map_index: int,
        chosen_options: list[str],
        params_input: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Answer a prompt as this account; Conflict when it has been answered."""

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any], note: str | None = None) -> bool:
        """Start a run; False when it exists."""


class Issues(Protocol):
    """What the notary reads of the issue tracker."""

    def issue(self, key: StoryKey) -> TrackerIssue:
        """An issue of any type; NotFound when the tracker does not know it."""


class Policy(Protocol):
    """Where the catalogue comes from."""

    def current(self) -> Catalogue:
        """The catalogue as it is now."""


@dataclass(frozen=True)
class Office:
    """The notary's things."""

    writer: Engine
    reader: Engine
    key: SigningKey
    tokens: Tokens
    webhook_token: str = field(repr=False)
    policy: Policy
    airflow: Airflow
    airflow_url: str
    witness: Witness
    """What the ledger's head was, kept outside of its database."""
    messengers: Messengers = field(default_factory=Messengers)
    """The ways to people."""
    tracker: Issues | None = None
    """The issue tracker, where the installation lets the notary read it: incidents are read back there."""
    wake: Callable[[], None] = lambda: None
    """Tell the dispatchers that the outbox, or the errands, have something new."""
    call: Callable[[], None] = lambda: None
    """Tell the usher that a line has changed."""

    def moment(self) -> float:
        """Seconds since 1970 by the database's clock, which everything here is judged by."""
        with self.reader.connect() as connection:
            return float(
                connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the writer: all or nothing; Conflict while the ledger is an older one."""
        with self.writer.begin() as connection:
            self.witness.require_to_write(connection)
            yield connection
            head = head_of(connection)
        self.witness.note(head)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection of the reader."""
        with self.reader.connect() as connection:
            yield connection
