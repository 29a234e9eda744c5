"""A generated ledger: verified like any other, in a database or as a file, and never beside what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hummingbird.__main__ import main
from hummingbird.ledger.append import append
from hummingbird.ledger.verify import rows_of, verify
from postgres import LedgerDatabase
from unit.ledger.ledger_samples import an_event

ASKED = ["--cycles", "40", "--components", "3", "--seed", "5", "--until", "2026-11-20"]


def generate(to: object) -> int:
    return main(["history", "generate", *ASKED, "--to", str(to)])


def test_a_generated_ledger_verifies_and_can_be_traced(
    ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate(ledger_database.writer) == 0
    assert "synthetic events of 40 cycles in 3 components" in capsys.readouterr().out
    assert main(["ledger", "verify", "--dsn", ledger_database.reader]) == 0
    assert main(["trace", "SYN-1", "--dsn", ledger_database.reader]) == 0
    assert "Trace of SYN-1" in capsys.readouterr().out


def test_the_file_is_the_export_of_the_same_history(
    ledger_database: LedgerDatabase, writer: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    assert generate(file) == generate(ledger_database.writer) == 0
    assert main(["ledger", "verify", "--file", str(file)]) == 0
    written = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    with writer.connect() as connection:
        assert list(rows_of(connection)) == written


def test_nothing_is_generated_into_a_ledger_that_holds_anything(
    ledger_database: LedgerDatabase, writer: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with writer.begin() as connection:
        append(connection, an_event("something-real"))
    assert generate(ledger_database.writer) == 2
    assert "holds 1 rows: generated history goes into an empty one" in capsys.readouterr().err
    with writer.connect() as connection:
        assert verify(rows_of(connection)).rows == 1


def test_a_reader_cannot_generate(
    ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate(ledger_database.reader) == 2
    assert "cannot be written with this DSN" in capsys.readouterr().err


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("mine")
    assert generate(file) == 2
    assert "exists already" in capsys.readouterr().err
    assert file.read_text() == "mine"


def test_days_beyond_the_exchange_s_calendar_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["history", "generate", *ASKED[:-1], "2099-01-01", "--to", "never-made.jsonl"])
    assert code == 2
    assert "more than the calendar of XSHG knows" in capsys.readouterr().err
    assert not Path("never-made.jsonl").exists()
