"""From a verdict to a place in the line: held, waited in, or given up."""

from __future__ import annotations

from sqlalchemy import Connection

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import State
from hummingbird.core.warrant import Warrant
from hummingbird.gates.registry import only_time_is_missing
from hummingbird.gates.windows import window_at
from hummingbird.ledger.append import append
from hummingbird.notary.decisions import Decision, Question
from hummingbird.notary.turns import Place, end, end_run, hold, place_of, rolled_out, take_place, turn_of


def line_up(connection: Connection, question: Question, decision: Decision) -> bool:
    """Whether the release may go now; it waits in the line when only time is missing, and leaves it else."""
    if decision.verdict.state is State.OPEN:
        hold(connection, _take(connection, question, decision))
        return True
    if only_time_is_missing(decision.verdict):
        place = _take(connection, question, decision)
        append(connection, _waiting(question, decision, place))
        return False
    place_before = place_of(connection, question.run, question.environment)
    if place_before is not None:
        end(connection, place_before.id, decision.verdict.sentence[:500])
    return False


def make_room(connection: Connection, kind: EventKind, run: str) -> None:
    """A run whose pods are done lets rollbacks go first; one that is over lets everybody."""
    if kind is EventKind.ROLLOUT_CONCLUDED:
        rolled_out(connection, run)
    else:
        end_run(connection, run, "the run is over")


def require_turn(connection: Connection, run: str, warrant: Warrant) -> None:
    """Mismatch where the run has lost its turn: nobody in front does not mean that it is its own."""
    place = place_of(connection, run, warrant.environment)
    if place is None or place.held_at is None:
        raise Mismatch(
            f"it is not the turn of {run} in {warrant.environment} any more: the run was over already; "
            "start the path again"
        )


def _take(connection: Connection, question: Question, decision: Decision) -> Place:
    facts = decision.facts
    return take_place(
        connection,
        environment=question.environment,
        run=question.run,
        story=decision.plan.story.key if decision.plan else facts.bundle.story,
        bundle=question.bundle,
        operation=turn_of(question.operation.value, in_emergency=facts.glass is not None),
        components=[component.name for component in facts.bundle.components],
    )


def _waiting(question: Question, decision: Decision, place: Place) -> DeliveryEvent:
    """Once for every reason to wait: a line that moves up is told again."""
    facts = decision.facts
    opens = window_at(facts.calendar, facts.trading, facts.now).opens
    data = {
        "operation": question.operation.value,
        "since": place.since.isoformat(),
        "sentence": decision.verdict.sentence,
        "opens_at": opens.isoformat() if opens else None,
        "in_front": [one.run for one in facts.in_front],
    }
    return DeliveryEvent(
        kind=EventKind.RELEASE_WAITING,
        key=f"waiting:{place.id}:{content_hash(data)[:16]}",
        subject=question.run,
        story=place.story,
        bundle=question.bundle,
        environment=question.environment,
        run=question.run,
        actor="notary",
        data=data,
    )
