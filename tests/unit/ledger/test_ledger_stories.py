"""Stories and the bundles that carry them, kept by the database beside the events."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from builders import a_bundle, a_component
from hummingbird.core.event import EventKind
from hummingbird.core.story import story_key
from hummingbird.ledger.append import append
from unit.ledger.ledger_samples import an_event


def stories(connection: Connection) -> dict[str, Any]:
    return {row.key: row for row in connection.execute(text("SELECT * FROM ledger.story"))}


def admitted(story: str, title: str, *travelling: tuple[str, str]) -> dict[str, Any]:
    named = [{"key": key, "title": each, "url": f"https://jira.example/browse/{key}"}
             for key, each in ((story, title), *travelling)]  # fmt: skip
    return {"plan": {"story": named[0], "travelling": named[1:]}}


def test_a_story_has_the_title_it_was_last_admitted_with_and_its_last_row(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("run:1", data=admitted("HB-101", "旧标题")))
        append(connection, an_event("run:2", data=admitted("HB-101", "涨跌停校验")))
        append(connection, an_event("run:3", kind=EventKind.RUN_FINISHED, data={"line": "DONE: x"}))
        found = stories(connection)["HB-101"]
    assert (found.title, found.url) == ("涨跌停校验", "https://jira.example/browse/HB-101")
    assert (found.first_sequence, found.last_sequence, found.synthetic) == (1, 3, False)


def test_a_story_that_travels_moves_with_the_bundle_that_carries_it(writer: Engine) -> None:
    bundle = a_bundle(a_component(stories=[story_key("HB-101"), story_key("HB-102")]))
    with writer.begin() as connection:
        append(connection, an_event("run:1", data=admitted("HB-101", "甲", ("HB-102", "乙"))))
        sealed = {"bundle": bundle.document()}
        append(
            connection, an_event("bundle:1", kind=EventKind.BUNDLE_SEALED, bundle=bundle.sha256, data=sealed)
        )
        append(
            connection, an_event("job:1", kind=EventKind.DEPLOYMENT_FINISHED, bundle=bundle.sha256, data={})
        )
        found = stories(connection)
        carried = connection.execute(text("SELECT story FROM ledger.travel ORDER BY story")).scalars().all()
    assert carried == ["HB-101", "HB-102"]
    assert (found["HB-102"].title, found["HB-102"].last_sequence) == ("乙", 3)


def test_an_event_of_another_shape_is_recorded_all_the_same(writer: Engine) -> None:
    odd: list[dict[str, Any]] = [
        {"plan": "none"},
        {"plan": {"story": {"key": 7}, "travelling": 3}},
        admitted("HB-101", "a\u0000b"),
    ]
    with writer.begin() as connection:
        for number, data in enumerate(odd):
            append(connection, an_event(f"run:{number}", data=data))
        shapes: list[dict[str, Any]] = [{"bundle": 1}, {"bundle": {"components": {"stories": 4}}}]
        for number, data in enumerate(shapes):
            append(
                connection, an_event(f"bundle:{number}", kind=EventKind.BUNDLE_SEALED, bundle="x", data=data)
            )
        assert stories(connection)["HB-101"].title is None
        assert stories(connection)["HB-101"].last_sequence == 5


def test_a_story_of_generated_history_is_marked(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("run:1", story="HB-1"))
        append(connection, an_event("run:2", story="HB-2", actor="synthetic:platform"))
        assert {key: row.synthetic for key, row in stories(connection).items()} == {
            "HB-1": False,
            "HB-2": True,
        }


@pytest.mark.parametrize("table", ["story", "travel"])
def test_the_writer_cannot_touch_what_the_database_keeps(writer: Engine, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), writer.begin() as connection:
        connection.execute(text(f"DELETE FROM ledger.{table}"))
