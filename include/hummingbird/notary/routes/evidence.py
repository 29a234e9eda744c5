"""Evidence of a story to take away, and the ledger's head to publish."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from hummingbird.core.canonical import canonical_json
from hummingbird.core.published import SignedHead
from hummingbird.core.story import story_key
from hummingbird.notary.access import AnOffice, reading, tasks_only
from hummingbird.notary.attesting import evidence_of
from hummingbird.notary.heads import ToSign, sign_head

router = APIRouter()


@router.get("/evidence/{story}", dependencies=[Depends(reading)])
def evidence(office: AnOffice, story: str) -> Response:
    """The file, one JSON document a line; 404 for an unknown story, 409 while the ledger is an older one."""
    key = story_key(story)
    with office.reading() as connection:
        # One snapshot for all questions.
        snapshot = connection.execution_options(isolation_level="REPEATABLE READ")
        office.witness.require(snapshot)
        lines = [canonical_json(line) + b"\n" for line in evidence_of(snapshot, key, office.key)]
    return Response(b"".join(lines), media_type="application/jsonl")


@router.post("/heads", dependencies=[Depends(tasks_only)])
def head(office: AnOffice, asked: ToSign) -> SignedHead:
    """Today's head, signed as a git tag: the same one all day."""
    with office.writing() as connection:
        return sign_head(connection, office.key, asked)
