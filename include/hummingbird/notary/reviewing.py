"""Judging a review of broken glass: neither of the two, with a part in nothing, and saying what was found."""

from __future__ import annotations

from sqlalchemy import Connection

from hummingbird.core.approval import Decision
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import SHORTEST_REASON, Review, Use
from hummingbird.core.event import EventKind
from hummingbird.core.person import Person
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.notary.breaking import use_event
from hummingbird.notary.deployments import find_bundle
from hummingbird.notary.emergencies import review_of, use_of
from hummingbird.notary.involvement import involved
from hummingbird.notary.prompt import Answered, PromptPlace, Unusable


def take_review(
    connection: Connection,
    catalogue: Catalogue,
    identity: str,
    place: PromptPlace,
    prompt: Answered | Unusable,
    page: str,
) -> Review | Unusable:
    """Record the review, or why it does not count; the first one that counts stands."""
    take_pen(connection)
    use = use_of(connection, identity)
    found = review_of(connection, use)
    if found is not None:
        return found
    if isinstance(prompt, Unusable):
        return _refuse(connection, use, place, prompt.why, "unknown")
    person = catalogue.person_of(airflow=prompt.user)
    if person is None:
        why = f"Airflow user {prompt.user or prompt.user_id} is no person of the catalogue"
        return _refuse(connection, use, place, why, prompt.user or "unknown")
    why_not = objection(connection, catalogue, use, person)
    if why_not is None and len(prompt.reason.strip()) < SHORTEST_REASON:
        why_not = f"a review says what was found, in {SHORTEST_REASON} characters or more"
    if why_not is not None:
        return _refuse(connection, use, place, why_not, person.name)
    review = Review(
        emergency=identity,
        person=person.name,
        justified=prompt.decision is Decision.APPROVED,
        finding=prompt.reason,
        at=database_now(connection),
        source=page,
    )
    data = {
        "review": review.document(),
        "airflow": {"user": prompt.user, "id": prompt.user_id, "responded_at": prompt.responded_at},
    }
    append(connection, use_event(use, EventKind.EMERGENCY_REVIEWED, use.review_key, person.name, data))
    return review


def objection(connection: Connection, catalogue: Catalogue, use: Use, person: Person) -> str | None:
    """Why this person's review does not count, None when it does."""
    if set(use.review_by).isdisjoint(person.roles):
        return f"{person.name} holds none of {', '.join(use.review_by)} now"
    if person.name == use.requester or person.name in use.signers:
        return f"{person.name} was one of those who broke the glass; somebody else must look at it"
    bundle = find_bundle(connection, use.bundle)
    parts = involved(connection, catalogue, bundle, use.requester).get(person.name, [])
    if parts:
        return f"{person.name} is its {' and '.join(parts)}; somebody else must look at it"
    return None


def _refuse(connection: Connection, use: Use, place: PromptPlace, why: str, actor: str) -> Unusable:
    data = {"prompt": place.document(), "why": why}
    key = f"{use.key}:refused:{content_hash([data, actor])[:32]}"
    append(connection, use_event(use, EventKind.REVIEW_REFUSED, key, actor, data))
    return Unusable(why=why)
