"""Is it alive, and which key does it sign with: open to everyone, nothing secret."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from hummingbird.ledger.views import height
from hummingbird.notary.access import AnOffice

router = APIRouter()


@router.get("/health")
def health(office: AnOffice) -> dict[str, Any]:
    """Alive, and the ledger's height; 503 when the database is not."""
    with office.reading() as connection:
        return {"status": "ok", "sequence": height(connection)}


@router.get("/keys/current")
def current_key(office: AnOffice) -> dict[str, str]:
    """The public key (base64, raw Ed25519)."""
    return {"key_id": office.key.key_id, "public_key": office.key.public_base64}
