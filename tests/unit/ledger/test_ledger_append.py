"""Appending: once, in order, whoever writes at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Conflict, Invalid
from hummingbird.core.event import EventKind
from hummingbird.ledger.append import append
from hummingbird.ledger.chain import GENESIS, link
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.ledger.views import by_key, events, height, newest
from unit.ledger.ledger_samples import an_event


def test_an_event_is_chained_to_the_one_before_it(writer: Engine) -> None:
    with writer.begin() as connection:
        first = append(connection, an_event("run:1")).recorded
        second = append(connection, an_event("run:2")).recorded
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash
    assert second.hash == link(first.hash, canonical_json(second.envelope).decode())


def test_the_same_event_again_is_one_event(writer: Engine) -> None:
    with writer.begin() as connection:
        first = append(connection, an_event())
    with writer.begin() as connection:
        again = append(connection, an_event())
        assert height(connection) == 1
    assert first.created
    assert not again.created
    assert again.recorded == first.recorded


def test_the_same_key_with_other_content_is_a_conflict(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event())
    with pytest.raises(Conflict, match="other content"), writer.begin() as connection:
        append(connection, an_event(actor="release_manager"))


def test_a_transaction_that_fails_leaves_no_gap(writer: Engine) -> None:
    with pytest.raises(RuntimeError), writer.begin() as connection:
        append(connection, an_event("run:lost"))
        raise RuntimeError
    with writer.begin() as connection:
        assert append(connection, an_event("run:kept")).recorded.sequence == 1
        assert by_key(connection, "run:lost") is None


def test_writers_at_the_same_time_make_one_chain(writer: Engine) -> None:
    def write(number: int) -> int:
        with writer.begin() as connection:
            return append(connection, an_event(f"run:{number % 20}")).recorded.sequence

    with ThreadPoolExecutor(8) as pool:
        sequences = list(pool.map(write, range(40)))
    assert sorted(set(sequences)) == list(range(1, 21))
    with writer.connect() as connection:
        assert verify(rows_of(connection)).wrong is None


def test_text_that_utf8_cannot_carry_is_refused_in_a_sentence(writer: Engine) -> None:
    with pytest.raises(Invalid, match="cannot be written as JSON"), writer.begin() as connection:
        append(connection, an_event(data={"title": "\ud800"}))


def test_a_nul_and_a_control_character_survive(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event(data={"title": "a\x00b\x1b[31m"}))
    with writer.connect() as connection:
        found = by_key(connection, "run:1")
        assert found is not None
        assert found.event.data == {"title": "a\x00b\x1b[31m"}
        assert verify(rows_of(connection)).wrong is None


def test_events_are_found_by_place_and_kind(writer: Engine) -> None:
    with writer.begin() as connection:
        append(connection, an_event("run:1"))
        append(connection, an_event("run:2", story="HB-102"))
        append(connection, an_event("run:3", kind=EventKind.RUN_FINISHED))
    with writer.connect() as connection:
        assert [e.event.key for e in events(connection, story="HB-101")] == ["run:1", "run:3"]
        assert [e.event.key for e in events(connection, kinds=[EventKind.RUN_FINISHED])] == ["run:3"]
        assert [e.sequence for e in events(connection, after=1, story=None)] == [2, 3]
        last = newest(connection, EventKind.RUN_ADMITTED)
        assert last is not None
        assert last.event.key == "run:2"
        with pytest.raises(Invalid, match="by colour"):
            events(connection, colour="red")
