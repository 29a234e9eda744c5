"""Issuing warrants: only here, only when every gate is open, one at a time for a run, in turn."""

from __future__ import annotations

import base64
from datetime import timedelta

from sqlalchemy import Connection, select

from hummingbird.core.canonical import canonical_json, content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Use
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import Answer, Facts, State, Verdict
from hummingbird.core.record import Record
from hummingbird.core.warrant import SignedWarrant, Warrant
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.reconcile import void_since
from hummingbird.ledger.schema import warrant_use as uses
from hummingbird.ledger.views import by_key, newest
from hummingbird.notary.breaking import broken
from hummingbird.notary.brief import predecessors
from hummingbird.notary.decisions import Decision, Question, decide_and_record
from hummingbird.notary.lining_up import line_up
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.turns import end, place_of

VALIDITY = timedelta(hours=1)
"""How long a deployment may begin under a warrant; one that began may end, or go back, later."""


class Issued(Record):
    """The warrant as signed, and whether this call made it."""

    signed: SignedWarrant
    created: bool
    use: Use | None = None
    """The glass that this call broke."""


def warrant_key(identity: str) -> str:
    """Idempotency key of a warrant."""
    return f"warrant:{identity}"


def find_warrant(connection: Connection, identity: str) -> tuple[Warrant, SignedWarrant] | None:
    """A warrant that was issued, as it was signed."""
    recorded = by_key(connection, warrant_key(identity))
    if recorded is None:
        return None
    data = recorded.event.data
    return Warrant.model_validate(data["warrant"]), SignedWarrant.model_validate(data["signed"])


def issue(
    connection: Connection, catalogue: Catalogue, key: SigningKey, question: Question
) -> Issued | Verdict:
    """The open warrant of this question, a new one, or the verdict that says why there is none.

    Where only the window or the turn is missing, the run has its place in the line afterwards.
    """
    take_pen(connection)
    last = _last_of(connection, question)
    if last is not None:
        known = _known(connection, question, *last)
        if known is not None:
            return known
        used = _used(connection, question, last[0])
        if used is not None:
            return used
    decision = decide_and_record(connection, catalogue, key, question, "warrant")
    if not line_up(connection, question, decision):
        return decision.verdict
    warrant = _warrant(connection, decision, question, after=last[0].id if last else None)
    signed = sign(warrant, key)
    append(connection, _event(warrant, signed, question, decision))
    use = broken(connection, decision, warrant)
    return Issued(signed=signed, created=True, use=use)


def _known(
    connection: Connection, question: Question, warrant: Warrant, signed: SignedWarrant
) -> Issued | Verdict | None:
    """What an earlier warrant of the run comes to: it is still open, or used up; None when neither."""
    done = _finished(connection, warrant)
    void = void_since(connection, warrant_key(warrant.id))
    if void is None and warrant.expires_at > database_now(connection):
        place = place_of(connection, question.run, question.environment)
        # A run that ended, and is run again, has lost its turn; what it finished is told, not done again.
        if done is not None or (place is not None and place.held_at is not None):
            return Issued(signed=signed, created=False)
    if done is not None:
        return Verdict(answers=[Answer(gate="warrant", state=State.REFUSED, why=done)])
    return None


def _used(connection: Connection, question: Question, last: Warrant) -> Verdict | None:
    """An emergency's people agreed to one warrant: begun or not, there is no second."""
    if last.emergency is None:
        return None
    why = (
        f"the glass was broken once for this, by warrant {last.id} at {last.issued_at:%Y-%m-%d %H:%M} UTC; "
        "a new run asks its two people anew"
    )
    place = place_of(connection, question.run, question.environment)
    if place is not None:
        end(connection, place.id, why)
    return Verdict(answers=[Answer(gate="warrant", state=State.REFUSED, why=why)])


def sign(warrant: Warrant, key: SigningKey) -> SignedWarrant:
    """The exact bytes and the signature over them."""
    payload = canonical_json(warrant.document())
    return SignedWarrant(
        payload=base64.b64encode(payload).decode("ascii"), signature=key.sign(payload), key_id=key.key_id
    )


def _last_of(connection: Connection, question: Question) -> tuple[Warrant, SignedWarrant] | None:
    recorded = newest(
        connection,
        EventKind.WARRANT_ISSUED,
        run=question.run,
        bundle=question.bundle,
        environment=question.environment,
    )
    if recorded is None:
        return None
    data = recorded.event.data
    warrant = Warrant.model_validate(data["warrant"])
    same = warrant.operation is question.operation and warrant.approval == question.approval
    return (warrant, SignedWarrant.model_validate(data["signed"])) if same else None


def _finished(connection: Connection, warrant: Warrant) -> str | None:
    query = select(uses).where(uses.c.warrant == warrant.id, uses.c.finished_at.is_not(None))
    rows = {row.cluster: row for row in connection.execute(query)}
    if not set(warrant.clusters) <= set(rows):
        return None
    last = max(rows.values(), key=lambda row: row.finished_at)
    return (
        f"{warrant.environment} was already {last.outcome} at {last.finished_at:%Y-%m-%d %H:%M:%S} UTC "
        f"by warrant {warrant.id}; a new run asks again"
    )


def _warrant(connection: Connection, decision: Decision, question: Question, after: str | None) -> Warrant:
    facts = decision.facts
    now = database_now(connection)
    expires_at = now + VALIDITY
    if facts.glass is not None and facts.request is not None:
        expires_at = min(expires_at, facts.request.expires_at)
    clusters, before = _permitted(facts), predecessors(connection, facts)
    return Warrant(
        id=content_hash([question.document(), facts.evidence_hash, after])[:32],
        story=facts.bundle.story,
        bundle=question.bundle,
        evidence=facts.evidence_hash,
        environment=question.environment,
        operation=question.operation,
        clusters=clusters,
        predecessors={cluster: before[cluster] for cluster in clusters},
        policy_version=facts.policy_version,
        policy=facts.policy,
        approval=question.approval,
        emergency=facts.glass.emergency if facts.glass else None,
        issued_at=now,
        expires_at=expires_at,
    )


def _permitted(facts: Facts) -> list[str]:
    """The clusters in question, but for those that the promotion could not reach."""
    if "artifacts_promoted" not in facts.environment.gates:
        return facts.clusters
    return [cluster for cluster in facts.clusters if cluster in facts.promoted_clusters]


def _event(warrant: Warrant, signed: SignedWarrant, question: Question, decision: Decision) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.WARRANT_ISSUED,
        key=warrant_key(warrant.id),
        subject=warrant.id,
        story=decision.plan.story.key if decision.plan else warrant.story,
        bundle=warrant.bundle,
        environment=warrant.environment,
        run=question.run,
        actor="notary",
        data={"warrant": warrant.document(), "signed": signed.document()},
    )
