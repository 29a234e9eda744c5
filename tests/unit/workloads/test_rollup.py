"""The rollup's pods: the ledger's address comes from the mounted Secret, code is counted by language."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.job import RollupJob
from hummingbird.core.metric import Rates
from hummingbird.ledger.append import append
from hummingbird.ledger.engine import connect
from hummingbird.workloads.checkout import Checkout
from hummingbird.workloads.observe_code import lines_of
from hummingbird.workloads.rollup import main, rollup, sentence
from postgres import LedgerDatabase
from unit.ledger.ledger_samples import an_event

JOB = RollupJob(run="metric_rollup/1", mode="incremental", production="prod", rates=Rates())
TICKET = JobTicket("http://127.0.0.1:9", "none")


def test_the_pod_rolls_the_ledger_of_its_secret_up(
    ledger_database: LedgerDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = connect(ledger_database.writer, pool_size=1)
    data = {"report": {"seconds": 30.5, "mode": "full"}}
    with writer.begin() as connection:
        append(
            connection, an_event("one", kind=EventKind.SCAN_FINISHED, component="order-gateway", data=data)
        )
    writer.dispose()
    monkeypatch.setenv("HB_SECRETS", str(tmp_path))
    with pytest.raises(NotFound, match=r"metrics\.json is missing in the pod's Secret; it needs dsn"):
        rollup(JOB, TICKET, tmp_path)
    (tmp_path / "metrics.json").write_text(json.dumps({"dsn": ledger_database.metrics}), "utf-8")
    report = rollup(JOB, TICKET, tmp_path)
    assert (report.state, report.mode, report.height) == ("published", "full", 1)
    # A scan: one metric, four periods, its component and all together.
    assert report.figures == 8
    assert sentence(report).startswith("full rollup up to row 1 in ")


def test_the_pod_takes_no_arguments() -> None:
    from hummingbird.core.errors import Invalid

    with pytest.raises(Invalid, match="takes its job from the ticket"):
        main(["full"])


def test_lines_that_are_not_blank_are_counted_by_the_names_of_files(tmp_path: Path) -> None:
    folder, home = tmp_path / "checkout", tmp_path / "home"
    (folder / "src").mkdir(parents=True)
    home.mkdir()
    (folder / "src" / "a.py").write_text("a = 1\n\n  \nb = 2\n", "utf-8")
    (folder / "src" / "b.py").write_text("c = 3", "utf-8")
    (folder / "x.SQL").write_text("SELECT 1;\n", "utf-8")
    (folder / "picture.png").write_bytes(b"\n\n1\n")
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert lines_of(Checkout(folder, home, commit.stdout.strip())) == {"python": 3, "sql": 1}
