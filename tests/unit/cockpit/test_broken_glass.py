"""Broken glass is on the Stories page, in a story's file and in the population until it was looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from httpx import Client
from sqlalchemy import Connection, Engine

from builders import the_catalogue
from cockpit_world import Teller, now
from hummingbird.cockpit.population import Ledger
from hummingbird.cockpit.story_board import Board, board
from hummingbird.cockpit.story_file import story_file
from hummingbird.core.bundle import Bundle
from hummingbird.core.emergency import Emergency, Review, Use
from hummingbird.core.event import EventKind
from hummingbird.core.story import StoryKey
from unit.cockpit.test_app import client, look, reader

__all__ = ["client", "reader"]
INCIDENT = StoryKey("OPS-9")


def a_use(bundle: Bundle, run: str, due: datetime) -> Use:
    return Use(
        id="e" * 32,
        story=bundle.story,
        run=run,
        environment="prod",
        bundle=bundle.sha256,
        components=["order-gateway"],
        emergency=Emergency(incident=INCIDENT, reason="客户无法撤单，每分钟都有损失"),
        requester="release_manager",
        signers=["operations_approver"],
        passed={"window_open": "closed"},
        warrant="w",
        at=due - timedelta(hours=24),
        review_by=["compliance"],
        reviewers=["compliance"],
        review_due_at=due,
    )


def tell_use(connection: Connection, due: datetime) -> tuple[Teller, Use]:
    """HB-104 was brought to production past a shut window."""
    teller = Teller(connection, "HB-104", "紧急修复")
    run = teller.begin("emergency_deploy")
    bundle = teller.seal()
    use = a_use(bundle, run, due)
    teller.tell(EventKind.EMERGENCY_USED, key=use.key, subject=use.id, data={"use": use.document()})
    teller.deploy(bundle, "prod", run, "prod-private")
    teller.end(run, "DONE: HB-104 emergency deploy is complete")
    return teller, use


def tell_review(teller: Teller, use: Use) -> None:
    review = Review(
        emergency=use.id, person="compliance", justified=False, finding="可以等开窗", at=now(), source="a"
    )
    data = {"review": review.document()}
    teller.tell(EventKind.EMERGENCY_REVIEWED, key=use.review_key, subject=use.id, data=data)


def shown(connection: Connection, *, waiting_only: bool = False) -> Board:
    return board(connection, the_catalogue(), words="", before=None, waiting_only=waiting_only)


def test_until_it_is_due_a_review_is_waited_for(writer: Engine) -> None:
    with writer.begin() as connection:
        tell_use(connection, now() + timedelta(hours=3))
        found = shown(connection, waiting_only=True)
        (line,) = found.lines
        assert (line.now.word, found.waiting, found.overdue) == ("WAITING", 1, [])
        assert line.now.sentence.startswith("broke the glass past window_open for OPS-9 at")
        assert "(王磊 and 孙浩); its review is due" in line.now.sentence
        assert f"by 吴桐 (emergency {'e' * 32})" in line.now.sentence
        assert Ledger(connection, "prod").overdue == []


def test_an_overdue_review_alarms_on_every_page_until_it_is_done(writer: Engine, client: Client) -> None:
    with writer.begin() as connection:
        _, use = tell_use(connection, now() - timedelta(hours=3))
        found = shown(connection)
        assert found.lines[0].now.word == "OVERDUE"
        assert "HB-104 broke the glass" in found.overdue[0]
        assert "its review is overdue since" in found.overdue[0]
        (late,) = Ledger(connection, "prod").overdue
        assert "not looked at yet, OVERDUE since" in late
        assert Ledger(connection, "test").overdue == []
    page = look(client, "/delivery/stories").text
    assert 'role="alert"' in page
    assert "its review is overdue since" in page
    with writer.begin() as connection:
        tell_review(Teller(connection, "HB-104", "紧急修复"), use)
    assert 'role="alert"' not in look(client, "/delivery/stories").text


def test_a_reviewed_glass_stays_in_file_population_and_trace(writer: Engine) -> None:
    with writer.begin() as connection:
        teller, use = tell_use(connection, now() - timedelta(hours=3))
        tell_review(teller, use)
        assert shown(connection).overdue == []
        assert shown(connection, waiting_only=True).lines == []
        file = story_file(connection, the_catalogue(), "HB-104")
        assert file is not None
        assert file.now.word == "DONE"
        told = [(step.what, step.detail) for step in file.told.steps]
        assert any(what == "glass broken" and "past window_open" in detail for what, detail in told)
        assert ("glass reviewed", "compliance: not justified: 可以等开窗") in told
        (change,) = Ledger(connection, "prod").changes()
        assert "BREAK-GLASS: HB-104 to prod in emergency OPS-9" in change.line
        assert change.line.endswith("compliance found it not justified: 可以等开窗")
