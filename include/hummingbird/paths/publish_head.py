"""Publish the ledger's head outside of its database: a tag that the notary signed, in a git repository."""

from __future__ import annotations

from hummingbird.core.code_host import HeadHost
from hummingbird.core.errors import Invalid, Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.ports import Notary
from hummingbird.core.published import SignedHead

_BRANCHES = "refs/heads/"


def publish_head(notary: Notary, host: HeadHost, run: str) -> SignedHead:
    """Today's head, once a day; Mismatch when a head published before is gone or another one."""
    commit = _somewhere(host)
    signed = notary.sign_head(commit, run)
    head = signed.head
    host.put_tag(head.tag, signed.text)
    data = head.model_dump(mode="json", include={"tag", "sequence", "hash", "root"})
    notary.append(
        DeliveryEvent(
            kind=EventKind.HEAD_PUBLISHED,
            key=f"head-published:{head.tag}",
            subject="ledger",
            run=run,
            actor="platform",
            data={**data, "object_id": signed.object_id, "project": host.project},
        )
    )
    lost = lost_heads(notary, host)
    if lost:
        raise Mismatch(
            f"{host.project}: {'; '.join(lost)}: published heads are never moved or removed; "
            "find out who did, and compare with other copies of the repository (docs/evidence.md)"
        )
    return signed


def lost_heads(notary: Notary, host: HeadHost) -> list[str]:
    """A sentence for every head that the ledger says stands in this repository and that does not."""
    refs = host.refs()
    told = []
    for recorded in notary.events(kinds=[EventKind.HEAD_PUBLISHED]):
        data = recorded.event.data
        if data["project"] != host.project:
            continue
        found = refs.get(f"refs/tags/{data['tag']}")
        if found != data["object_id"]:
            told.append(f"{data['tag']} is {'gone' if found is None else 'another one'}")
    return told


def _somewhere(host: HeadHost) -> str:
    """A commit that the tag can point to."""
    refs = host.refs()
    for name in sorted(refs):
        if name.startswith(_BRANCHES):
            return refs[name]
    raise Invalid(f"{host.project} has no branch: give it one commit, a tag must point to something")
