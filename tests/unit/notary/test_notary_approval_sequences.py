"""Random sequences of everything that people, Airflow and bad luck can do to an approval: I1 to I5 hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from httpx import Response
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hummingbird.notary.outbox import dispatch_due
from postgres import LedgerDatabase
from unit.notary.approval_oracle import Oracle
from unit.notary.approval_world import RUNS, Crash, World, prepared_world
from unit.notary.delivery_samples import FINDING, a_bundle, deploy_report, open_warrant
from unit.notary.scene import WEBHOOK
from unit.notary.webhook_samples import a_push

CRASH = 503
PEOPLE = ("release_approver", "operations_approver", "stand_in", "release_manager", "developer", "auditor")
OUTCOMES = ("deployed", "rolled_back", "failed", "refused")
BATCH = 50
"""Sequences of a batch: 200 in `make test`, 2,000 with LONG=1."""
BATCHES = [*range(4), *(pytest.param(number, marks=pytest.mark.long) for number in range(4, 40))]


class Deliveries(RuleBasedStateMachine):
    """Two runs want the same bundle in production; everybody and everything meddles."""

    world: World
    requests: Bundle[str] = Bundle("requests")

    @initialize(target=requests, far=st.sampled_from([2, 1, 0, 3]), outcome=st.sampled_from(["", *OUTCOMES]))
    def begin(self, far: int, outcome: str) -> str:
        """Some sequences begin with a question, some with a signed one, some with a first deployment."""
        self.world.begin()
        self.scene = self.world.scene
        self.pods: list[tuple[Any, str]] = []
        self.scans = self.withdrawals = 0
        self.webhooks: set[int] = set()
        noted = self.scene.office.witness.noted()
        assert noted is not None
        self.oracle = Oracle({"developer"}, noted.sequence, noted.hash)
        request = str(self.scene.ask(a_bundle(), "prod", RUNS[0]).json()["id"])
        if far > 0:
            self.sign_rightly(request)
        if far > 1:
            self.deploy(request, RUNS[0], far, "a", outcome)
        return request

    def call(self, send: Callable[[], Response]) -> Response:
        """Send; and again when the notary died over it, as every client of it does."""
        answer = send()
        if answer.status_code == CRASH:
            answer = send()
        assert answer.status_code < 500, answer.text
        return answer

    @rule(target=requests, run=st.sampled_from(RUNS))
    def ask(self, run: str) -> Any:
        answer = self.call(lambda: self.scene.ask(a_bundle(), "prod", run))
        return str(answer.json()["id"]) if answer.is_success else multiple()

    @rule(
        request=requests,
        number=st.integers(1, 2),
        person=st.sampled_from(PEOPLE),
        choice=st.sampled_from(["Approve", "Approve", "Approve", "Reject"]),
    )
    def answer(self, request: str, number: int, person: str, choice: str) -> None:
        self.call(lambda: self.scene.sign(request, number, person, choice))

    @rule(request=requests)
    def sign_rightly(self, request: str) -> None:
        for number, person in enumerate(PEOPLE[:2], start=1):
            self.call(partial(self.scene.sign, request, number, person))

    @rule(request=requests, number=st.integers(1, 2))
    def mark_or_clear(self, request: str, number: int) -> None:
        """A task that was marked has no answer, and one that was cleared has none any more."""
        place = self.world.airflow.prompt(request, number)
        self.call(lambda: self.scene.post(f"/approvals/{request}/answers", place))

    @rule(person=st.sampled_from(PEOPLE))
    def take_back(self, person: str) -> None:
        """A signer or the requester; others try it in vain."""
        self.withdrawals += 1
        run = f"manual__{self.withdrawals}"
        self.call(lambda: self.scene.take_back(person, run))

    @rule(hours=st.sampled_from([5, 13]))
    def pass_time(self, hours: int) -> None:
        self.world.pass_time(timedelta(hours=hours))

    @rule(person=st.sampled_from(PEOPLE[:3]), roles=st.sampled_from([["auditor"], ["release_approver"]]))
    def change_roles(self, person: str, roles: list[str]) -> None:
        self.world.policy.give(person, roles)

    @precondition(lambda self: self.world.policy.changed)
    @rule()
    def put_roles_back(self) -> None:
        self.world.policy.put_back()

    @rule(findings=st.sampled_from([(), (FINDING,)]))
    def scan_again(self, findings: tuple[Any, ...]) -> None:
        self.scans += 1
        run = f"scan/HB-101.{self.scans}"
        job, report = self.scene.scan_job(a_bundle()), self.scene.scan_report(a_bundle(), findings=findings)
        ticket = self.call(lambda: self.scene.ticket(job, run=run)).json()
        self.call(lambda: self.scene.put(ticket["token"], report))

    @rule(
        request=requests,
        run=st.sampled_from([RUNS[0], *RUNS]),
        which=st.integers(0, 2),
        task=st.sampled_from("ab"),
        outcome=st.sampled_from(["", "", *OUTCOMES]),
    )
    def deploy(self, request: str, run: str, which: int, task: str, outcome: str) -> None:
        """A warrant, a pod in one cluster that takes it, and perhaps the end of its work."""
        signed = self.call(lambda: self.scene.warrant(a_bundle(), "prod", run, approval=request))
        if not signed.is_success:
            return
        clusters = open_warrant(signed.json()).clusters
        cluster = clusters[which % len(clusters)]
        job = self.scene.deploy_job(signed.json(), cluster)
        ticket = self.call(lambda: self.scene.ticket(job, run=run, task=f"{cluster}-{task}"))
        token = ticket.json().get("token") if ticket.is_success else None
        if token:
            self.pods.append((job, token))
            self.consume(-1)
        if token and outcome:
            self.finish(-1, outcome)

    @precondition(lambda self: self.pods)
    @rule(which=st.integers(-3, -1))
    def consume(self, which: int) -> None:
        """A pod takes its warrant, once more perhaps, or late."""
        job, token = self.pods[max(which, -len(self.pods))]
        warrant = open_warrant(job.warrant.document())
        self.call(lambda: self.scene.consume(token, warrant.id, job.cluster.name))

    @precondition(lambda self: self.pods)
    @rule(which=st.integers(-3, -1), outcome=st.sampled_from(OUTCOMES))
    def finish(self, which: int, outcome: str) -> None:
        job, token = self.pods[max(which, -len(self.pods))]
        report = deploy_report(job, open_warrant(job.warrant.document()), outcome)
        self.call(lambda: self.scene.put(token, report))

    @rule(run=st.sampled_from(RUNS))
    def end_run(self, run: str) -> None:
        """A run tells its end, and gives its turn to the next; it may be run again."""
        self.call(partial(self.scene.tell_end, run))

    @precondition(lambda self: len(self.webhooks) < 2)
    @rule(number=st.integers(1, 2), fails=st.booleans())
    def webhook(self, number: int, fails: bool) -> None:
        content = json.dumps(a_push(after=str(number) * 40))
        headers = {"X-Gitlab-Token": WEBHOOK, "Idempotency-Key": f"delivery-{number}"}
        send = self.scene.client.post
        answer = self.call(lambda: send("/webhooks/gitlab", content=content, headers=headers))
        assert answer.status_code == 202, answer.text
        self.webhooks.add(number)
        if fails:
            self.world.airflow.failures.append(503)
        self.dispatch()

    def dispatch(self) -> None:
        try:
            dispatch_due(self.scene.office.writer, self.world.airflow)
        except Crash:
            dispatch_due(self.scene.office.writer, self.world.airflow)

    @rule()
    def run_errands(self) -> None:
        try:
            self.world.run_errands()
        except Crash:
            self.world.run_errands()

    @precondition(lambda self: not self.world.fate.dies)
    @rule(place=st.sampled_from(["before", "after"]))
    def crash_soon(self, place: str) -> None:
        self.world.fate.dies = place

    @invariant()
    def everything_holds(self) -> None:
        with self.world.owner.connect() as connection:
            self.oracle.look(connection, self.world.policy.current())

    def teardown(self) -> None:
        """In the end every accepted webhook has led to one run, and nobody waits for an answer any more."""
        self.world.fate.dies = ""
        self.world.airflow.failures.clear()
        self.world.pass_time(timedelta(hours=1))
        dispatch_due(self.scene.office.writer, self.world.airflow)
        self.world.pass_time(timedelta(hours=25))
        self.world.run_errands()
        self.world.run_errands()
        self.everything_holds()
        assert all(asked.closed for asked in self.oracle.asked.values()), "I5: a run waits for ever"
        self.world.changes += sum(self.oracle.changes.values())
        started = [run["dag_run_id"] for run in self.world.airflow.triggered]
        assert len(started) == len(set(started)) == len(self.webhooks), "I1: not one run for each webhook"


@pytest.fixture(scope="module")
def world(module_ledger: LedgerDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with prepared_world(module_ledger, tmp_path_factory.mktemp("notary")) as made:
        yield made


@pytest.mark.first
@pytest.mark.timeout(600)
@pytest.mark.parametrize("batch", BATCHES)
def test_no_sequence_gets_around_the_people(batch: int, world: World) -> None:
    """Each batch is a search of its own, the same on every run."""
    machine, before = seed(batch)(type("DeliveriesHere", (Deliveries,), {"world": world})), world.changes
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=BATCH,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # a failure is told as it was found: making it shorter takes an hour
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A notary that refuses everything would have passed until here.
    assert world.changes - before >= BATCH / 5, "hardly anything was deployed"
