"""Clocks that jump: order is by sequence, expiry by the database's time, no other clock is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger import append as appending
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.ledger.views import events, newest

PLATFORM = Path(__file__).parents[3] / "include" / "hummingbird"
AUTUMN = datetime(2026, 10, 25, 2, 59, tzinfo=ZoneInfo("Europe/Berlin"))
JUMPS = {
    "ten minutes back": [
        datetime(2026, 5, 4, 12, 0, tzinfo=UTC) - timedelta(minutes=10 * n) for n in range(4)
    ],
    "ten minutes on": [datetime(2026, 5, 4, 12, 0, tzinfo=UTC) + timedelta(minutes=10 * n) for n in range(4)],
    "the end of summer time": [AUTUMN, AUTUMN.replace(hour=2, minute=1, fold=1), AUTUMN, AUTUMN],
}


@pytest.mark.parametrize("jump", JUMPS)
def test_the_order_is_the_sequence_s_whatever_the_clock_did(
    writer: Engine, monkeypatch: pytest.MonkeyPatch, jump: str
) -> None:
    times: Iterator[datetime] = iter(JUMPS[jump])
    monkeypatch.setattr(appending, "database_now", lambda _: next(times))
    for number in range(4):
        event = DeliveryEvent(
            kind=EventKind.RUN_FINISHED, key=f"n:{number}", subject=f"run/{number}", actor="platform"
        )
        with writer.begin() as connection:
            appending.append(connection, event)
    with writer.connect() as connection:
        assert [one.event.key for one in events(connection)] == ["n:0", "n:1", "n:2", "n:3"]
        last = newest(connection, EventKind.RUN_FINISHED)
        assert last is not None
        assert last.event.key == "n:3"
        assert verify(rows_of(connection)).wrong is None


@pytest.mark.parametrize("room", ["notary", "ledger", "gates"])
def test_who_decides_asks_no_clock_but_the_database_s(room: str) -> None:
    asked = [
        f"{file.name}:{node.lineno}"
        for file in (PLATFORM / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("datetime", "now"), ("datetime", "utcnow"), ("time", "time"), ("date", "today")}
    ]
    assert asked == []
