"""Documents in signed envelopes: DSSE (https://github.com/secure-systems-lab/dsse), Ed25519."""

from __future__ import annotations

import base64
from typing import Any

from hummingbird.core.canonical import canonical_json
from hummingbird.notary.signing import SigningKey


def sealed(payload_type: str, document: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """The envelope of a document."""
    payload = canonical_json(document)
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key.key_id, "sig": key.sign(pre_authentication(payload_type, payload))}],
    }


def opened(payload_type: str, envelope: dict[str, Any], keys: dict[str, SigningKey]) -> bytes | None:
    """The payload when one of the keys (by id) signed it as this type, None otherwise."""
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        signed = envelope["signatures"][0]
        key = keys.get(signed["keyid"])
        genuine = key is not None and key.verifies(pre_authentication(payload_type, payload), signed["sig"])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return payload if genuine and envelope.get("payloadType") == payload_type else None


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed."""
    kind = payload_type.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
