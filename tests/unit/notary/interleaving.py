"""Releases to one environment, stepped in any order; what must hold is kept apart from the notary's books."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.bundle import Bundle
from hummingbird.core.calendar import Freeze
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict, Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import Verdict
from hummingbird.core.job import DeployJob
from hummingbird.core.lineage import Lineage, Relation
from hummingbird.core.plan import Plan
from hummingbird.core.warrant import Operation, SignedWarrant
from hummingbird.gates.registry import only_time_is_missing
from hummingbird.ledger.append import append
from hummingbird.notary.consuming import consume
from hummingbird.notary.decisions import Question
from hummingbird.notary.deployments import bundle_key
from hummingbird.notary.issuing import issue
from hummingbird.notary.lining_up import make_room
from hummingbird.notary.results import post_result
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.tickets import find_job, issue_ticket
from unit.notary.delivery_samples import a_bundle, a_story, deploy_report, open_warrant

ENVIRONMENT, CLUSTERS = "test", ["test", "prod-private"]
"""One wave of two clusters: a run begins in either of them."""


def plain(catalogue: Catalogue, *, closed: bool = False) -> Catalogue:
    """The catalogue with nothing before test but its window, its line, and what came before."""
    stage = catalogue.environment(ENVIRONMENT).model_copy(
        update={
            "gates": ["window_open"],
            "approval": ApprovalRule(),
            "suites": [],
            "waves": [CLUSTERS],
        }
    )
    now = datetime.now(UTC)
    freeze = Freeze(reason="closed", begins=now - timedelta(days=1), ends=now + timedelta(days=1))
    always = catalogue.calendars["always"].model_copy(update={"freezes": [freeze] if closed else []})
    return catalogue.model_copy(
        update={
            "environments": {**catalogue.environments, ENVIRONMENT: stage},
            "calendars": {**catalogue.calendars, "always": always},
        }
    )


@dataclass
class Truth:
    """The environment as it is: whose hands are on it, which version serves where, who came when."""

    hands: set[str] = field(default_factory=set)
    serves: dict[str, int] = field(default_factory=dict)
    line: list[str] = field(default_factory=list)
    most_hands: int = 0

    def begins(self, run: str) -> None:
        self.hands.add(run)
        self.most_hands = max(self.most_hands, len(self.hands))
        assert len(self.hands) == 1, f"two rollouts at once: {self.hands}"

    def ends(self, run: str, cluster: str, version: int, outcome: str) -> None:
        self.hands.discard(run)
        if outcome == "deployed":
            before = self.serves.get(cluster, 0)
            assert version >= before, f"version {version} was brought over {before} in {cluster}"
            self.serves[cluster] = version


@dataclass
class Release:
    """One run of test_deploy, from its first question to its end, one step at a time."""

    world: World
    run: str
    version: int
    state: str = "new"
    signed: SignedWarrant | None = None
    token: str | None = None
    job: str | None = None
    cluster: str = ""
    tries: int = 0

    @property
    def bundle(self) -> Bundle:
        return a_bundle(f"{self.version:040x}", f"1.{self.version}.0")

    @property
    def over(self) -> bool:
        return self.state == "over"

    def step(self, random: Random) -> None:
        """Whatever this run does next, or something that happens to it."""
        happens = {"new": self.ask, "parked": self.ask, "warranted": self.begin, "at work": self.report}
        if self.state == "at work" and random.random() < 0.2:
            self.begin()  # its pod died: another one goes on
        elif self.state == "at work" and random.random() < 0.15:
            self.world.make_room(self)  # ended by hand; its pod does not know
            self.state = "stray"
        elif self.state == "stray":
            self.report(random.choice(["deployed", "rolled_back", "failed"]))
            self.state = "over"
        elif self.state in ("parked", "warranted") and random.random() < 0.15:
            self.end()  # ended by hand
        elif self.state == "done":
            self.end()
        elif self.state == "at work":
            self.report(random.choice(["deployed", "deployed", "rolled_back", "failed"]))
        else:
            happens[self.state]()

    def ask(self) -> None:
        self.world.tell_lineage(self)
        truth = self.world.truth
        with self.world.engine.begin() as connection:
            question = Question(
                bundle=self.bundle.sha256,
                environment=ENVIRONMENT,
                operation=Operation.DEPLOY,
                run=self.run,
            )
            found = issue(connection, self.world.catalogue, self.world.key, question)
        if isinstance(found, Verdict):
            waits = only_time_is_missing(found)
            self.state = "parked" if waits else "done"
            if waits and self.run not in truth.line:
                truth.line.append(self.run)
            if not waits and self.run in truth.line:
                truth.line.remove(self.run)
            return
        if found.created:
            before = truth.line[: truth.line.index(self.run)] if self.run in truth.line else truth.line
            assert before == [], f"{self.run} went before {before}"
        if self.run in truth.line:
            truth.line.remove(self.run)
        self.signed, self.state = found.signed, "warranted"

    def begin(self) -> None:
        """A pod asks for the warrant."""
        assert self.signed is not None
        self.tries += 1
        self.cluster = self.cluster or self.world.random.choice(CLUSTERS)
        warrant = open_warrant(self.signed.document())
        catalogue = self.world.catalogue
        job = DeployJob(
            story=warrant.story,
            bundle=self.bundle,
            environment=catalogue.environment(ENVIRONMENT),
            cluster=catalogue.clusters[self.cluster],
            components=[catalogue.component("order-gateway")],
            warrant=self.signed,
            predecessors={},
            registry="127.0.0.1:1",
        )
        try:
            with self.world.engine.begin() as connection:
                ticket = issue_ticket(connection, self.run, "deploy", job, 60)
                row = find_job(connection, ticket.job)
                assert row is not None
                taken = consume(connection, catalogue, self.world.key, row, warrant.id, self.cluster)
        except Mismatch:
            self.state = "done"  # the window closed, or the turn is another's: the pod touches nothing
            return
        except Conflict:
            if self.tries > 3:
                self.state = "done"
            return
        self.job = ticket.job
        if taken.state == "finished":
            self.state = "done"
        else:
            self.world.truth.begins(self.run)
            self.state = "at work"

    def report(self, outcome: str = "deployed") -> None:
        assert self.job is not None
        assert self.signed is not None
        warrant = open_warrant(self.signed.document())
        with self.world.engine.begin() as connection:
            row = find_job(connection, self.job)
            assert row is not None
            assert isinstance(row.job, DeployJob)
            post_result(connection, self.job, deploy_report(row.job, warrant, outcome))
        self.world.truth.ends(self.run, self.cluster, self.version, outcome)
        self.state = "done"

    def end(self) -> None:
        """The run's last task; sometimes the run is run again after it."""
        self.world.make_room(self)
        again = self.world.random.random() < 0.4 and self.tries < 3
        self.state = "warranted" if again and self.signed else "new" if again else "over"
        self.tries += 1


@dataclass
class World:
    """One environment over many interleavings, on one ledger that only grows."""

    engine: Engine
    open_catalogue: Catalogue
    key: SigningKey
    random: Random
    truth: Truth = field(default_factory=Truth)
    version: int = 0
    shut: bool = False

    @property
    def catalogue(self) -> Catalogue:
        return plain(self.open_catalogue, closed=self.shut)

    def play(self, number: int, releases: int = 2) -> None:
        """Some releases at once, stepped in random order until all are over; the window closes and opens."""
        runs = [self.admit(f"test_deploy/HB-101.{number}-{n}") for n in range(releases)]
        self.random.shuffle(runs)
        steps = 0
        while not all(run.over for run in runs):
            steps += 1
            self.shut = self.random.random() < 0.15 and steps < 60
            self.random.choice([run for run in runs if not run.over]).step(self.random)
            assert steps < 400, [run.state for run in runs]
        assert self.truth.hands == set()
        assert self.truth.line == []

    def admit(self, run: str) -> Release:
        self.version += 1
        release = Release(self, run, self.version)
        dag_id, _, run_id = run.partition("/")
        plan = Plan(
            dag_id=dag_id,
            run_id=run_id,
            story=a_story(),
            requester="release_manager",
            environment=ENVIRONMENT,
            policy_version=self.open_catalogue.policy_version,
        )
        bundle = release.bundle
        self.tell(EventKind.RUN_ADMITTED, f"run-admitted:{run}", run=run, data={"plan": plan.document()})
        data = {"bundle": bundle.document()}
        self.tell(EventKind.BUNDLE_SEALED, bundle_key(bundle.sha256), run=run, data=data)
        return release

    def make_room(self, release: Release) -> None:
        """A run is over: it leaves the line, and its turn is the next one's."""
        if release.run in self.truth.line:
            self.truth.line.remove(release.run)
        with self.engine.begin() as connection:
            make_room(connection, EventKind.RUN_FINISHED, release.run)

    def tell_lineage(self, release: Release) -> None:
        """What Git says of the release's commit and of those that serve: versions are one line."""
        for other in set(self.truth.serves.values()) - {release.version}:
            lineage = Lineage(
                component="order-gateway",
                commit=f"{release.version:040x}",
                other=f"{other:040x}",
                relation=Relation.AHEAD if release.version > other else Relation.BEHIND,
            )
            data = {"lineage": lineage.document()}
            self.tell(EventKind.LINEAGE_READ, lineage.key, component="order-gateway", data=data)

    def tell(self, kind: EventKind, key: str, **fields: Any) -> None:
        event = DeliveryEvent(kind=kind, key=key, subject=key, story="HB-101", actor="platform", **fields)
        with self.engine.begin() as connection:
            append(connection, event)
