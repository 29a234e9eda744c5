"""The notary's clients against the real notary with its real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.catalogue.load import load_catalogue
from hummingbird.clients.airflow import AirflowApi
from hummingbird.clients.notary import NotaryApi
from hummingbird.clients.ticket import JobTicket
from hummingbird.core.artifact import Build, Image
from hummingbird.core.bundle import Bundle, BundleComponent, Configuration
from hummingbird.core.errors import Conflict, Denied, Mismatch, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.finding import ScannerRun, ScanReport, TestCounts
from hummingbird.core.gate import State, Verdict
from hummingbird.core.job import ScanJob
from hummingbird.core.story import StoryKey
from hummingbird.ledger.engine import connect
from hummingbird.ledger.witness import Witness
from hummingbird.notary.app import create_app
from hummingbird.notary.office import Office
from hummingbird.notary.signing import make_key
from hummingbird.notary.tokens import Tokens
from postgres import LedgerDatabase
from unit.notary.serving import served

CATALOGUE = Path(__file__).parents[2] / "include" / "catalog"
COMMIT = "a" * 40
STORY = StoryKey("HB-101")
RUN = "build/HB-101.1"
IMAGE = Image(repository="trading-dev/order-gateway", digest="sha256:" + "a" * 64)


@pytest.fixture
def url(ledger_database: LedgerDatabase, tmp_path: Path) -> Iterator[str]:
    airflow = AirflowApi("http://127.0.0.1:9", "platform", "x")
    office = Office(
        writer=connect(ledger_database.writer),
        reader=connect(ledger_database.reader),
        key=make_key(tmp_path / "notary.pem"),
        tokens=Tokens(tasks="tasks-token", reader="reader-token"),
        webhook_token="webhook-token",
        policy=CatalogueFolder(CATALOGUE),
        airflow=airflow,
        airflow_url="http://127.0.0.1:9",
        witness=Witness(tmp_path / "witness"),
    )
    with served(create_app(office)) as address:
        yield address
    airflow.close()


@pytest.fixture
def notary(url: str) -> Iterator[NotaryApi]:
    client = NotaryApi(url, "tasks-token")
    yield client
    client.close()


def built() -> DeliveryEvent:
    build = Build(
        component="order-gateway",
        version="1.4.0",
        commit=COMMIT,
        image=IMAGE,
        pipeline_id=7,
        pipeline_url="http://gitlab.example/p/7",
    )
    return DeliveryEvent(
        kind=EventKind.BUILD_FINISHED,
        key=f"build:{COMMIT}",
        subject=COMMIT,
        component="order-gateway",
        run=RUN,
        actor="platform",
        data={"build": build.document()},
    )


def bundle() -> Bundle:
    component = BundleComponent(
        name="order-gateway",
        version="1.4.0",
        commit=COMMIT,
        image=IMAGE,
        configuration={"dev": Configuration(items={"greeting": "委托"})},
        stories=[STORY],
        authors=["developer@hummingbird.example"],
    )
    return Bundle(story=STORY, components=[component])


def scan_job() -> ScanJob:
    catalogue = load_catalogue(CATALOGUE)
    component = catalogue.component("order-gateway")
    scanners = [name for language in component.languages for name in catalogue.scanners[language]]
    return ScanJob(
        story=STORY,
        component=component,
        commit=COMMIT,
        mode="full",
        scanners=list(dict.fromkeys(scanners)),
        report_repository="reports-local",
    )


def report(commit: str = COMMIT) -> ScanReport:
    runs = [
        ScannerRun(scanner=name, version="1", rules=1, rules_hash="0" * 64, files=1, seconds=1.0)
        for name in scan_job().scanners
    ]
    counts = TestCounts(total=1, failed=0, skipped=0)
    return ScanReport(
        component="order-gateway", commit=commit, mode="full", scanners=runs, findings=[], unit_tests=counts
    )


def test_an_event_is_recorded_once_and_read_back(notary: NotaryApi) -> None:
    first = notary.append(built())
    assert notary.append(built()).sequence == first.sequence
    assert [each.event.key for each in notary.events(kinds=[EventKind.BUILD_FINISHED])] == [built().key]
    assert notary.events(story="HB-999") == []
    assert [build.image for build in notary.builds("order-gateway", COMMIT)] == [IMAGE]


def test_another_content_under_the_same_key_is_a_conflict(notary: NotaryApi) -> None:
    notary.append(built())
    with pytest.raises(Conflict):
        notary.append(built().model_copy(update={"subject": "b" * 40}))


def test_a_kind_that_tasks_may_not_write_is_denied(notary: NotaryApi) -> None:
    with pytest.raises(Denied, match="may not write"):
        notary.append(built().model_copy(update={"kind": EventKind.WARRANT_ISSUED, "key": "warrant:x"}))


def test_a_bundle_is_sealed_and_found_by_its_name(notary: NotaryApi) -> None:
    name = notary.seal(bundle(), RUN)
    assert notary.seal(bundle(), RUN) == name == bundle().sha256
    assert notary.bundle(name) == bundle()
    with pytest.raises(NotFound):
        notary.bundle("0" * 64)


def test_gates_that_are_shut_give_a_verdict_and_no_warrant(notary: NotaryApi) -> None:
    name = notary.seal(bundle(), RUN)
    verdict = notary.verdict(name, "dev", None, "warrant", "deploy", None, "dev_deploy/HB-101.1")
    assert verdict.state is State.REFUSED
    refused = notary.issue_warrant(name, "dev", "deploy", None, None, "dev_deploy/HB-101.1")
    assert isinstance(refused, Verdict)
    assert refused.state is State.REFUSED


def test_a_question_that_a_gate_forbids_is_refused_with_the_gates_sentence(notary: NotaryApi) -> None:
    name = notary.seal(bundle(), RUN)
    with pytest.raises(Conflict) as raised:
        notary.ask(name, "prod", "deploy", "release_manager", "prod_deploy/HB-101.1")
    assert "POST" not in str(raised.value)
    with pytest.raises(NotFound):
        notary.request("0" * 32)


def test_a_pod_takes_its_job_and_hands_in_its_result_once(notary: NotaryApi, url: str) -> None:
    ticket = notary.ticket("scan/HB-101.1", "pod", scan_job())
    assert ticket.token is not None
    assert notary.result(ticket.job) is None
    pod = JobTicket(url, ticket.token)
    assert pod.job() == scan_job()
    pod.post(report())
    pod.post(report())
    with pytest.raises(Conflict):
        pod.post(report().model_copy(update={"unit_failures": ["test_x"]}))
    pod.close()
    assert notary.result(ticket.job) == report().document()
    assert notary.ticket("scan/HB-101.1", "pod", scan_job()).token is None


def test_a_result_of_another_commit_is_refused(notary: NotaryApi, url: str) -> None:
    ticket = notary.ticket("scan/HB-101.1", "pod", scan_job())
    pod = JobTicket(url, ticket.token or "")
    with pytest.raises(Mismatch, match="commit"):
        pod.post(report("b" * 40))
    pod.close()
    assert notary.result(ticket.job) is None


def test_a_token_that_was_replaced_is_denied(notary: NotaryApi, url: str) -> None:
    old = notary.ticket("scan/HB-101.1", "pod", scan_job())
    notary.ticket("scan/HB-101.1", "pod", scan_job())
    pod = JobTicket(url, old.token or "")
    with pytest.raises(Denied):
        pod.job()
    with pytest.raises(Denied):
        pod.consume("w-1", "dev")
    pod.close()
