"""Who is part of what is to be approved, as persons: their own signature would be no second pair of eyes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from hummingbird.core.approval_rule import Involvement
from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import EventKind
from hummingbird.core.hand import Hand, Hands
from hummingbird.ledger.views import events


def involved(
    connection: Connection, catalogue: Catalogue, bundle: Bundle, requester: str | None
) -> dict[str, list[Involvement]]:
    """Person → parts; what every sealing of the bundle told, together: nothing told later takes one away."""
    parts: dict[str, set[Involvement]] = {}
    if requester is not None:
        parts.setdefault(requester, set()).add(Involvement.REQUESTER)
    for hand in _hands(connection, bundle):
        if hand.system == "email":
            person = catalogue.person_of(email=hand.account)
        else:
            person = catalogue.person_of(gitlab=hand.account)
        if person is not None:
            parts.setdefault(person.name, set()).add(hand.part)
        owner = catalogue.owner_of_robot(hand.account)
        if owner is not None:
            parts.setdefault(owner.name, set()).add(Involvement.ROBOT_OWNER)
    return {name: sorted(of) for name, of in parts.items()}


def _hands(connection: Connection, bundle: Bundle) -> Iterable[Hand]:
    for component in bundle.components:
        for email in component.authors:
            yield Hand(part=Involvement.AUTHOR, system="email", account=email)
    for recorded in events(connection, kinds=[EventKind.BUNDLE_TOUCHED], bundle=bundle.sha256):
        yield from Hands.model_validate(recorded.event.data["touched"]).hands
