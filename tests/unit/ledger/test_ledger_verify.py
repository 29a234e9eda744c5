"""A chain that was tampered with names its first wrong row; an untouched one holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from hummingbird.__main__ import main
from hummingbird.core.canonical import canonical_json
from hummingbird.ledger.append import append
from hummingbird.ledger.engine import database_url
from hummingbird.ledger.verify import rows_of, verify
from postgres import LedgerDatabase
from unit.ledger.ledger_samples import an_event

FORGE_HASH = "hash = encode(sha256(convert_to(previous_hash || envelope, 'UTF8')), 'hex')"


@pytest.fixture
def five(writer: Engine) -> Engine:
    with writer.begin() as connection:
        for number in range(1, 6):
            append(connection, an_event(f"run:{number}"))
    return writer


def tamper(database: LedgerDatabase, *statements: str) -> None:
    """What an administrator with every right could do."""
    engine = create_engine(database_url(database.owner))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.event DISABLE TRIGGER ALL"))
        connection.execute(text("ALTER TABLE ledger.event DROP CONSTRAINT ck_event_hash_holds"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_an_untouched_chain_holds(five: Engine) -> None:
    with five.connect() as connection:
        found = verify(rows_of(connection))
    assert (found.rows, found.wrong) == (5, None)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (
            ["UPDATE ledger.event SET envelope = replace(envelope, 'HB-101', 'HB-666') WHERE sequence = 3"],
            "row 3: its hash is not the hash of its content",
        ),
        (
            [
                "UPDATE ledger.event SET envelope = replace(envelope, '限价单', '市价单') WHERE sequence = 3",
                f"UPDATE ledger.event SET {FORGE_HASH} WHERE sequence = 3",
            ],
            "row 4: it does not name the hash of the row before it",
        ),
        (["UPDATE ledger.event SET story = 'HB-666' WHERE sequence = 2"], "row 2: its column story"),
        (
            ["UPDATE ledger.event SET at = at + interval '1 hour' WHERE sequence = 2"],
            "row 2: its number or time",
        ),
        (["DELETE FROM ledger.event WHERE sequence = 3"], "row 4: a gap before it: row 3 is missing"),
        (["DELETE FROM ledger.event WHERE sequence = 1"], "row 2: a gap before it: row 1 is missing"),
        (
            [
                "UPDATE ledger.event SET sequence = 60 WHERE sequence = 2",
                "UPDATE ledger.event SET sequence = 2 WHERE sequence = 3",
                "UPDATE ledger.event SET sequence = 3 WHERE sequence = 60",
            ],
            "row 2: it does not name",
        ),
    ],
    ids=["altered", "altered-and-rehashed", "column", "time", "deleted", "first-deleted", "reordered"],
)
def test_tampering_names_the_first_row_that_does_not_hold(
    five: Engine, ledger_database: LedgerDatabase, statements: list[str], named: str
) -> None:
    tamper(ledger_database, *statements)
    with five.connect() as connection:
        wrong = verify(rows_of(connection)).wrong
    assert wrong is not None
    assert wrong.startswith(named)


def test_a_tail_that_was_cut_off_is_seen_by_a_checkpoint(
    five: Engine, ledger_database: LedgerDatabase
) -> None:
    with five.connect() as connection:
        head = verify(rows_of(connection))
    tamper(ledger_database, "DELETE FROM ledger.event WHERE sequence = 5")
    with five.connect() as connection:
        assert verify(rows_of(connection)).wrong is None
        wrong = verify(rows_of(connection), (head.rows, head.head)).wrong
    assert wrong == "row 5: missing; the ledger ends at 4 before the checkpoint"


def test_the_command_says_whether_the_ledger_holds(
    five: Engine, ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "verify", "--dsn", ledger_database.reader]) == 0
    assert "DONE: 5 rows hold; head 5:" in capsys.readouterr().out
    tamper(ledger_database, "DELETE FROM ledger.event WHERE sequence = 2")
    assert main(["ledger", "verify", "--dsn", ledger_database.reader]) == 1
    assert "BROKEN: row 3: a gap before it" in capsys.readouterr().out


def test_an_export_is_verified_without_the_database(
    five: Engine, ledger_database: LedgerDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ledger.jsonl"
    assert main(["ledger", "export", "--dsn", ledger_database.reader, "--out", str(out)]) == 0
    assert main(["ledger", "verify", "--file", str(out)]) == 0
    out.write_text(out.read_text("utf-8").replace("HB-101", "HB-102"), "utf-8")
    assert main(["ledger", "verify", "--file", str(out)]) == 1
    out.write_text("{}\n", "utf-8")
    assert main(["ledger", "verify", "--file", str(out)]) == 2
    assert "ledger.jsonl:1: not a line of an export" in capsys.readouterr().err


def test_a_missing_dsn_or_schema_is_told_in_a_sentence(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HB_LEDGER_READER_DSN", raising=False)
    assert main(["ledger", "verify"]) == 2
    assert "give --dsn or set HB_LEDGER_READER_DSN" in capsys.readouterr().err
    assert main(["ledger", "verify", "--dsn", empty_database]) == 2
    assert "run `hummingbird ledger migrate" in capsys.readouterr().err
    assert main(["ledger", "verify", "--dsn", "sqlite:///x"]) == 2


def test_a_row_whose_envelope_is_rewritten_in_another_form_is_named() -> None:
    envelope = canonical_json({"a": 1}).decode()
    row = {"sequence": 1, "previous_hash": "0" * 64, "envelope": envelope, "hash": "f" * 64}
    assert verify([row]).wrong == "row 1: its hash is not the hash of its content"
