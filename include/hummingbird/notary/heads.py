"""Signing the ledger's head, once a day, as a git tag: so that a rewritten ledger shows.

What is signed is recorded first: asked again on the same day, the notary gives the very same tag.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from hummingbird.core.artifact import Commit
from hummingbird.core.errors import Conflict, Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.merkle import Tree
from hummingbird.core.published import PublishedHead, SignedHead
from hummingbird.core.record import Record
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.ledger.witness import head_of
from hummingbird.notary.attesting import hashes_to
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.ssh_signature import armoured_signature

TAGGER = "Hummingbird's notary <notary@hummingbird.example>"


class ToSign(Record):
    """Where the tag shall hang, and the run that asks."""

    object: Commit
    run: str


def sign_head(connection: Connection, key: SigningKey, asked: ToSign) -> SignedHead:
    """Today's signed head (UTC), the one from before when there is one; Conflict for an empty ledger."""
    now = database_now(connection)
    tag = f"ledger-{now:%Y-%m-%d}"
    found = _signed(connection, tag)
    if found is not None:
        return found
    row = head_of(connection)
    if row.sequence == 0:
        raise Conflict("the ledger is empty: there is no head to publish yet")
    # Before the pen is taken: over a long ledger this takes seconds, and nobody needs to wait for it.
    root = Tree(hashes_to(connection, row.sequence)).root
    head = PublishedHead(tag=tag, object=asked.object, sequence=row.sequence, hash=row.hash, root=root)
    content = head.content(f"{TAGGER} {int(now.timestamp())} +0000")
    signed = SignedHead(head=head, text=content + armoured_signature(content.encode("utf-8"), key))
    take_pen(connection)
    first = _signed(connection, tag)
    if first is not None:
        return first
    append(connection, _event(signed, asked.run))
    return signed


def check_published(connection: Connection, event: DeliveryEvent) -> None:
    """Mismatch when a task says that something else was published than was signed."""
    signed = _signed(connection, str(event.data.get("tag")))
    said = {name: event.data.get(name) for name in ("sequence", "hash", "root", "object_id")}
    if signed is None or said != {**_named(signed), "object_id": signed.object_id}:
        raise Mismatch(f"event.data: the notary signed no such head as {str(event.data.get('tag'))[:40]}")


def _named(signed: SignedHead) -> dict[str, Any]:
    return {"sequence": signed.head.sequence, "hash": signed.head.hash, "root": signed.head.root}


def _signed(connection: Connection, tag: str) -> SignedHead | None:
    found = by_key(connection, f"head-signed:{tag}")
    return SignedHead.model_validate(found.event.data["signed"]) if found else None


def _event(signed: SignedHead, run: str) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.HEAD_SIGNED,
        key=f"head-signed:{signed.head.tag}",
        subject="ledger",
        run=run,
        actor="notary",
        data={"signed": signed.document()},
    )
