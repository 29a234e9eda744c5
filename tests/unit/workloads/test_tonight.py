"""What the nightly regression would run: of what runs, from what was selected before, as long as it took."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from builders import COMMIT, NOW, a_bundle, a_component, the_catalogue
from hummingbird.__main__ import main
from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.job import SelectJob
from hummingbird.core.regression import SelectedCase, Selection
from hummingbird.ledger.append import append
from hummingbird.ledger.command import READER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.ledger.schema import job, night, night_case
from hummingbird.workloads.suites_command import lines
from hummingbird.workloads.tonight import Tonight, look_at
from postgres import LedgerDatabase

CATALOGUE = the_catalogue()
GATEWAY = CATALOGUE.component("order-gateway")
BUNDLE = a_bundle()
LISTED = {
    "nightly-functional": [SelectedCase(name="a.py::test_slow"), SelectedCase(name="a.py::test_quick")],
    "nightly-api": [SelectedCase(name="b.py::test_new"), SelectedCase(name="c.py", problem="ImportError: x")],
}


@pytest.fixture
def writer(ledger_database: LedgerDatabase) -> Iterator[Connection]:
    engine = connect(ledger_database.writer)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def deployed(writer: Connection, bundle: Bundle, key: str = "1") -> None:
    """The bundle was sealed and serves in test."""
    report = DeployReport(
        bundle=bundle.sha256,
        environment="test",
        cluster="test",
        warrant="w",
        outcome=DeployOutcome.DEPLOYED,
        reason="it serves",
        started_at=NOW,
        finished_at=NOW,
    )
    told: list[tuple[EventKind, str, dict[str, Any]]] = [
        (EventKind.BUNDLE_SEALED, f"bundle:{bundle.sha256}", {"bundle": bundle.document()}),
        (EventKind.DEPLOYMENT_FINISHED, f"job:{key}", {"report": report.document()}),
    ]
    for kind, name, data in told:
        append(
            writer,
            DeliveryEvent(
                kind=kind,
                key=name,
                subject=bundle.sha256,
                bundle=bundle.sha256,
                environment="test",
                cluster="test",
                actor="notary",
                data=data,
            ),
        )
    writer.commit()


def selected(writer: Connection, commit: str = COMMIT, **changes: Any) -> None:
    """A pod of an earlier night found these cases."""
    asked = SelectJob(
        component=GATEWAY.model_copy(update=changes), commit=commit, bundle=BUNDLE.sha256, environment="test"
    )
    found = Selection(component="order-gateway", commit=commit, bundle=BUNDLE.sha256, suites=LISTED)
    values = {
        "id": f"j{commit[:3]}{len(changes)}",
        "kind": "regression_select",
        "run": "nightly_regression/a",
        "task": "select_cases[0]",
        "document": json.dumps(asked.document()),
        "result": json.dumps(found.document()),
        "posted_at": NOW,
    }
    writer.execute(insert(job).values(**values))
    writer.commit()


def measured(writer: Connection) -> None:
    """Two cases ran on an earlier night."""
    run = {"run": "nightly_regression/a", "environment": "test", "opened_at": NOW}
    writer.execute(insert(night).values(**run, plan="{}", rule="{}"))
    for number, (name, seconds) in enumerate((("a.py::test_slow", 6.0), ("a.py::test_quick", 0.5))):
        place = {"component": "order-gateway", "suite": "nightly-functional", "name": name}
        took = {"expected_seconds": 5.0, "expected_from": "guess", "seconds": seconds, "done_at": NOW}
        writer.execute(insert(night_case).values(run=run["run"], number=number, **place, **took))
    writer.commit()


def nowhere(*_: object) -> dict[str, list[SelectedCase]]:
    raise NotFound("nobody knows them")


def tonight(writer: Connection, only: str | None = None, look: Any = nowhere) -> Tonight:
    return look_at(writer, CATALOGUE, look, only)


def test_cases_come_longest_first_with_where_their_duration_is_from(writer: Connection) -> None:
    deployed(writer, BUNDLE)
    selected(writer)
    measured(writer)
    found = tonight(writer)
    guess = CATALOGUE.regression.new_case_seconds
    assert [(one.case.name, one.expected.seconds, one.expected.source.value) for one in found.cases] == [
        ("a.py::test_slow", 6.0, "measured"),
        ("b.py::test_new", guess, "guess"),
        ("c.py", guess, "guess"),
        ("a.py::test_quick", 0.5, "measured"),
    ]
    assert found.work_seconds == 6.5 + 2 * guess
    assert found.makespan_seconds == max(6.5, 2 * guess)
    assert found.idle == ["quote-service", "trade-web"]


def test_a_person_reads_versions_suites_problems_and_the_whole(writer: Connection) -> None:
    deployed(writer, BUNDLE)
    selected(writer)
    told = list(lines(CATALOGUE, tonight(writer)))
    assert told[0].startswith('Nightly regression in test, cluster test, by schedule "30 1 * * *" Asia/')
    assert f"order-gateway 1.1.0, commit {COMMIT[:12]}, bundle {BUNDLE.sha256[:12]}: HB-101" in told
    assert "    c.py: ImportError: x" in told
    assert "trade-web does not run in test: its nightly suites are left out" in told
    assert told[-2] == "4 cases, about 20.0 s of work: about 10.0 s in 2 pods"
    assert told[-1] == "Durations: 4 guessed as 5.00 s"
    assert sum("a.py" in line for line in lines(CATALOGUE, tonight(writer), "order-gateway")) == 2


@pytest.mark.parametrize("other", [{"commit": "2" * 40}, {"suites": {}}])
def test_what_was_selected_of_another_commit_or_other_suites_is_looked_up(
    writer: Connection, other: dict[str, Any]
) -> None:
    deployed(writer, BUNDLE)
    selected(writer, **other)
    found = tonight(writer, look=lambda *_: {"nightly-api": [SelectedCase(name="fresh.py::test")]})
    assert [one.case.name for one in found.cases] == ["fresh.py::test"]


def test_what_cannot_be_looked_up_is_named_and_keeps_nothing_else_back(writer: Connection) -> None:
    quotes = a_component(name="quote-service", commit="3" * 40)
    deployed(writer, a_bundle(a_component(), quotes))
    selected(writer)
    found = tonight(writer)
    assert found.unknown == {"quote-service": "nobody knows them"}
    assert len(found.cases) == 4
    assert "  cases not known: nobody knows them" in list(lines(CATALOGUE, found))
    assert tonight(writer, "order-gateway").unknown == {}


def test_the_command_says_by_its_code_whether_all_is_known(
    writer: Connection,
    ledger_database: LedgerDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(READER_DSN, ledger_database.reader)
    monkeypatch.delenv("HB_GITLAB_URL", raising=False)
    assert main(["suites"]) == 0
    assert "order-gateway does not run in test" in capsys.readouterr().out
    deployed(writer, BUNDLE)
    assert main(["suites"]) == 1
    assert "set HB_GITLAB_URL and HB_GITLAB_TOKEN to look them up" in capsys.readouterr().out
    selected(writer)
    assert main(["suites", "order-gateway", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cases"]) == 4
    assert main(["suites", "nobody"]) == 2
