"""A night in simulated time: the notary's real queue on a real database, pods that only wait.

The queue's functions get the simulated time as `now`. What each call really took is added to its
pod's time, so the queue's own cost is in the makespan.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, Engine, insert, update

from builders import COMMIT, HASH, the_catalogue
from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.job import SelectJob
from hummingbird.core.night_queue import DoneCase, HandedCase, NextCase
from hummingbird.core.record import Record
from hummingbird.core.regression import (
    CaseOutcome,
    CaseResult,
    NightComponent,
    NightPlan,
    RegressionRule,
    SelectedCase,
    Selection,
)
from hummingbird.ledger.append import append
from hummingbird.ledger.schema import job as jobs
from hummingbird.ledger.schema import night as nights
from hummingbird.ledger.schema import night_case as cases
from hummingbird.ledger.schema import ticket as tickets
from hummingbird.notary.night_opening import open_night
from hummingbird.notary.night_queue import keep_alive, next_case

COMPONENT, SUITE = "order-gateway", "nightly"
BACK_SECONDS = 10.0
"""From a pod's death to its successor's first question: Airflow's retry and the start of a pod."""


def remember(engine: Engine, run: str, durations: Mapping[str, float]) -> None:
    """An earlier night with these durations."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        rule = _text(RegressionRule())
        head = {"run": run, "environment": "test", "plan": "{}", "rule": rule, "opened_at": now}
        connection.execute(insert(nights).values(**head, closed_at=now))
        rows = [
            {
                "run": run,
                "number": number,
                "component": COMPONENT,
                "suite": SUITE,
                "name": name,
                "expected_seconds": 1.0,
                "expected_from": "guess",
                "done_at": now,
                "outcome": "passed",
                "seconds": seconds,
            }
            for number, (name, seconds) in enumerate(durations.items())
        ]
        connection.execute(insert(cases), rows)


def begin(engine: Engine, run: str, names: list[str]) -> None:
    """A night of these cases, its queue filled by the notary."""
    component = NightComponent(name=COMPONENT, version="1.0.0", commit=COMMIT, bundle=HASH)
    plan = NightPlan(run=run, environment="test", cluster="test", components=[component], policy_version=HASH)
    told = SelectJob(
        component=the_catalogue().component(COMPONENT), commit=COMMIT, bundle=HASH, environment="test"
    )
    listed = [SelectedCase(name=name) for name in names]
    found = Selection(component=COMPONENT, commit=COMMIT, bundle=HASH, suites={SUITE: listed})
    with engine.begin() as connection:
        _job(connection, f"select-{run}", run, told, found)
        event = DeliveryEvent(
            kind=EventKind.REGRESSION_STARTED,
            key=f"regression-started:{run}",
            subject=run,
            run=run,
            actor="platform",
            data={"plan": plan.document()},
        )
        append(connection, event)
        assert open_night(connection, the_catalogue(), run) == len(names)


@dataclass
class Night:
    """One night's pods over its queue."""

    engine: Engine
    run: str
    durations: Mapping[str, float]
    pods: int
    rule: RegressionRule = field(default_factory=lambda: the_catalogue().regression)
    calls: list[float] = field(default_factory=list)
    """Real seconds of every question for a case."""
    _epoch: datetime = field(default_factory=lambda: datetime.now(UTC))
    _happening: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)
    _dead: set[str] = field(default_factory=set)
    _ends: float = 0.0
    _executed: int = 0

    def makespan(self, lost_at: float | None = None, *, comes_back: bool = True) -> float:
        """Simulated seconds to the last result; the first pod dies at `lost_at`."""
        for number in range(self.pods):
            self._begins(self._ticket(f"pod-{number}", f"pod-{number}"), 0.0)
        if lost_at is not None:
            self._at(lost_at, lambda now: self._dies("pod-0", now, comes_back=comes_back))
        while self._happening:
            moment, _, what = heapq.heappop(self._happening)
            what(moment)
        assert self._executed == len(self.durations), (
            f"{self._executed} of {len(self.durations)} were executed"
        )
        return self._ends

    def _at(self, moment: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._happening, (moment, next(self._order), what))

    def _begins(self, token: str, moment: float) -> None:
        self._at(moment, lambda now: self._asks(token, None, now))

    def _dies(self, pod: str, moment: float, *, comes_back: bool) -> None:
        self._dead.add(pod)
        if comes_back:
            back = moment + BACK_SECONDS
            self._at(back, lambda now: self._asks(self._ticket(pod, f"{pod}-again"), None, now))

    def _asks(self, token: str, done: DoneCase | None, moment: float) -> None:
        if token in self._dead:
            return
        answer, took = self._next(token, done, moment)
        if done is not None and answer.accepted:
            self._ends, self._executed = max(self._ends, moment), self._executed + 1
        if answer.handed is not None:
            self._works(token, answer.handed, moment + took)
        elif not answer.over:
            self._begins(token, moment + took + answer.again_seconds)

    def _works(self, token: str, handed: HandedCase, begins: float) -> None:
        """A case's beats and its end."""
        seconds, between = self.durations[handed.case.name], self.rule.lease_seconds / 3
        for beat in range(1, int(seconds / between) + 1):
            self._at(begins + beat * between, lambda now: self._beats(token, handed.number, now))
        done = DoneCase(number=handed.number, result=CaseResult(outcome=CaseOutcome.PASSED, seconds=seconds))
        self._at(begins + seconds, lambda now: self._asks(token, done, now))

    def _next(self, token: str, done: DoneCase | None, moment: float) -> tuple[NextCase, float]:
        began = time.perf_counter()
        with self.engine.begin() as connection:
            job = f"{self.run}/{token.removesuffix('-again')}"
            answer = next_case(connection, self.run, job, self._hash(token), done, self._clock(moment))
        self.calls.append(time.perf_counter() - began)
        return answer, self.calls[-1]

    def _beats(self, token: str, number: int, moment: float) -> None:
        if token in self._dead:
            return
        with self.engine.begin() as connection:
            keep_alive(connection, self.run, self._hash(token), number, self._clock(moment))

    def _ticket(self, pod: str, token: str) -> str:
        """A ticket of a pod's job; another one replaces it."""
        job, far = f"{self.run}/{pod}", self._epoch + timedelta(days=30)
        with self.engine.begin() as connection:
            if token == pod:
                _job(connection, job, self.run, RegressionRule())
                connection.execute(
                    insert(tickets).values(job=job, token_sha256=self._hash(token), expires_at=far)
                )
            else:
                replaced = update(tickets).where(tickets.c.job == job)
                connection.execute(replaced.values(token_sha256=self._hash(token)))
        return token

    def _hash(self, token: str) -> str:
        return sha256_hex(f"{self.run}/{token}".encode())

    def _clock(self, moment: float) -> datetime:
        return self._epoch + timedelta(seconds=moment)


def _job(
    connection: Connection, identity: str, run: str, document: Record, result: Record | None = None
) -> None:
    kind = "regression_select" if result else "regression"
    values = {"id": identity, "kind": kind, "run": run, "task": "t", "document": _text(document)}
    connection.execute(insert(jobs).values(**values, result=_text(result) if result else None))


def _text(record: Record) -> str:
    return canonical_json(record.document()).decode("utf-8")
