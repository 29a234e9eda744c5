"""Is it alive, and which key does it sign with: open to everyone, nothing secret."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from hummingbird.ledger.witness import head_of
from hummingbird.notary.access import AnOffice
from hummingbird.notary.ssh_signature import ssh_public_key

router = APIRouter()


@router.get("/health")
def health(office: AnOffice) -> dict[str, Any]:
    """Alive, and the head; `read-only` and why while nothing may be written; 503 without database."""
    with office.reading() as connection:
        head, complaint = head_of(connection), office.witness.complaint(connection)
    told = {"status": "ok", "sequence": head.sequence, "head": head.hash}
    return told if complaint is None else {**told, "status": "read-only", "why": complaint}


@router.get("/keys/current")
def current_key(office: AnOffice) -> dict[str, str]:
    """The public key (base64, raw Ed25519), as SSH writes it, and the one that builds are signed with."""
    builds = office.key.for_builds
    return {
        "key_id": office.key.key_id,
        "public_key": office.key.public_base64,
        "ssh_key": ssh_public_key(office.key),
        "builds_key_id": builds.key_id,
        "builds_public_key": builds.public_base64,
    }
