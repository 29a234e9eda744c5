"""A firm's own past from CSV: all rows or none, wrong ones by line, the same file once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from builders import the_catalogue
from hummingbird.__main__ import main
from hummingbird.core.errors import Conflict, Invalid
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.history.bring import bring
from hummingbird.ledger.append import append
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.ledger.views import events
from postgres import LedgerDatabase
from unit.ledger.ledger_samples import an_event

GOOD = """fact,at,component,environment,value,story,part,note
deployment,2025-03-14 17:30,order-gateway,prod,,HB-7,,by hand
change,2025-03-14T17:30:00+08:00,order-gateway,prod,0,,,
lead_time,2025-03-14 17:30,order-gateway,prod,864000,HB-7,,"ten days, in all"
lines,2025-03-31 00:00,order-gateway,,5200,,python,
regression,2025-03-15 04:00,,test,172800,,,
"""


def take(writer: Engine, text: str | bytes, **more: object) -> int:
    content = text.encode() if isinstance(text, str) else text
    with writer.begin() as connection:
        return bring(connection, the_catalogue(), content, "compliance", **more)  # type: ignore[arg-type]


def recorded(writer: Engine) -> list[DeliveryEvent]:
    with writer.connect() as connection:
        assert verify(rows_of(connection)).wrong is None
        return [one.event for one in events(connection, kinds=[EventKind.HISTORY_IMPORTED])]


def test_each_row_becomes_an_event_that_says_who_vouches_and_where_it_stood(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("something-real"))
    assert take(writer, GOOD) == 5
    first, change, lead, lines, night = recorded(writer)
    assert (first.component, first.environment, first.story) == ("order-gateway", "prod", "HB-7")
    assert first.actor == "compliance"
    assert first.data["at"] == change.data["at"] == "2025-03-14T17:30:00+08:00"
    assert (first.data["fact"], first.data["value"], first.data["line"]) == ("deployment", 1.0, 2)
    assert lead.data["detail"] == {"note": "ten days, in all"}
    assert lines.data["detail"] == {"part": "python"}
    assert night.component is None


def test_the_same_file_again_changes_nothing(writer: Engine) -> None:
    assert (take(writer, GOOD), take(writer, GOOD)) == (5, 0)
    assert len(recorded(writer)) == 5


def test_a_row_that_came_with_another_file_is_refused_by_line(writer: Engine) -> None:
    take(writer, GOOD)
    with pytest.raises(Conflict, match="5 rows came with another file before, such as line 2"):
        take(writer, GOOD + "incident,2025-04-01 10:00,order-gateway,prod,,,,\n")
    assert len(recorded(writer)) == 5


def test_a_spreadsheet_s_mark_at_the_beginning_does_not_matter(writer: Engine) -> None:
    assert take(writer, b"\xef\xbb\xbf" + GOOD.encode()) == 5


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("deploy,2025-03-14 17:30,order-gateway,prod,,,,", "fact: Input should be"),
        ("deployment,14.3.2025,order-gateway,prod,,,,", "at: '14.3.2025' is no moment"),
        ("deployment,2999-01-01,order-gateway,prod,,,,", "has not happened yet"),
        ("deployment,,order-gateway,prod,,,,", "at: Field required"),
        ("deployment,2025-03-14,oder-gateway,prod,,,,", "'oder-gateway' is not in the catalogue"),
        ("deployment,2025-03-14,,prod,,,,", "component: of deployment expected a name"),
        ("regression,2025-03-14,order-gateway,test,5,,,", "it is about all together"),
        ("deployment,2025-03-14,order-gateway,production,,,,", "environment: 'production'"),
        ("deployment,2025-03-14,order-gateway,prod,2,,,", "expected nothing or 1"),
        ("change,2025-03-14,order-gateway,prod,0.5,,,", "expected 0 or 1"),
        ("scan_full,2025-03-14,order-gateway,,,,,", "value: of scan_full expected a number"),
        ("scan_full,2025-03-14,order-gateway,,-1,,,", "greater than or equal to 0"),
        ("scan_full,2025-03-14,order-gateway,,nan,,,", "value"),
        ("scan_full,2025-03-14,order-gateway,,ten,,,", "value: Input should be a valid number"),
        ("lines,2025-03-14,order-gateway,,5,,,", "part: the language"),
        ("deployment,2025-03-14,order-gateway,prod,,hb7,,", "not a Jira key"),
        ("deployment,2025-03-14 17:30,order-gateway,prod,,HB-7,,by hand", "the same as line 2"),
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_nothing_is_written(writer: Engine, row: str, said: str) -> None:
    with pytest.raises(Invalid, match="line 7: ") as told:
        take(writer, GOOD + row + "\n")
    assert said in str(told.value)
    assert "nothing was imported: 1 rows are wrong" in str(told.value)
    assert recorded(writer) == []


def test_every_wrong_row_is_told_at_once_and_not_more_than_a_screen(writer: Engine) -> None:
    wrong = "".join(f"deployment,2025-03-14 17:{n:02},nobody,prod,,,,\n" for n in range(30))
    with pytest.raises(Invalid, match="30 rows are wrong") as told:
        take(writer, GOOD + wrong)
    assert "line 26: " in str(told.value)
    assert "… and 10 more" in str(told.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the columns fact, at"),
        (b"fact,at\n", "no row below its header"),
        (b"fact,when\n", "unknown: 'when'; missing: at"),
        (b"fact,at\ndeployment\n", "line 2: 2 cells are expected"),
        (b"fact,at\ndeployment,2025-03-14,3\n", "line 2: 2 cells are expected"),
        (b'fact,at\n"deployment,2025-03-14\n', "not CSV"),
        ("fact,at,note\nincident,2025-03-14,委托".encode("gbk"), "save it as 'CSV UTF-8'"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_mend(writer: Engine, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as told:
        take(writer, content)
    assert said in str(told.value)


def test_a_component_that_is_no_more_is_taken_when_it_is_named(writer: Engine) -> None:
    row = "fact,at,component\nincident,2019-05-01,old-desk\n"
    assert take(writer, row, retired=["old-desk"]) == 1


def test_a_stranger_vouches_for_nothing(writer: Engine) -> None:
    with writer.begin() as connection, pytest.raises(Invalid, match="no person of the catalogue"):
        bring(connection, the_catalogue(), GOOD.encode(), "somebody")


def test_a_real_past_is_not_brought_into_generated_history(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("invented", actor="synthetic:platform"))
    with pytest.raises(Conflict, match="holds generated history"):
        take(writer, GOOD)


def test_the_command_notes_the_new_head_for_the_notary(
    ledger_database: LedgerDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, witness = tmp_path / "past.csv", tmp_path / "witness"
    file.write_text(GOOD, "utf-8")
    asked = ["history", "import", str(file), "--person", "compliance"]
    assert main(asked) == 2
    assert "import runs where the notary runs" in capsys.readouterr().err
    monkeypatch.setenv("HB_LEDGER_DSN", ledger_database.writer)
    monkeypatch.setenv("HB_LEDGER_WITNESS_FILE", str(witness))
    assert main(asked) == main(asked) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("DONE: 5 rows of past.csv are in the ledger")
    assert told[1].startswith("DONE: it was imported before")
    assert '"sequence": 5' in witness.read_text()
