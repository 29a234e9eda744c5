"""Signatures and the one way of writing: bytes, base64, DSSE envelopes, SSH signatures of git tags.

https://github.com/secure-systems-lab/dsse,
https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SSH_KIND = b"ssh-ed25519"


class Broken(Exception):
    """The first thing that does not hold, in a sentence."""


def canonical(value: Any) -> bytes:
    """The one way in which the platform writes JSON."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    ).encode("utf-8")


def unbase64(text: Any, what: str) -> bytes:
    """Bytes of base64 that is written in the one right way."""
    try:
        found = base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raise Broken(f"{what} is not base64") from None
    if base64.b64encode(found).decode("ascii") != text:
        raise Broken(f"{what} is not base64 as it is written")
    return found


def key_id(key: bytes) -> str:
    """How the platform calls a public key."""
    return hashlib.sha256(key).hexdigest()[:16]


def signed_by(key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the key (32 bytes, Ed25519) made the signature."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def opened(envelope: Any, kind: str, keys: Iterable[bytes], what: str) -> Any:
    """The document in a DSSE envelope that one of the keys signed."""
    try:
        payload = unbase64(envelope["payload"], f"the payload of {what}")
        named = envelope["signatures"][0]["keyid"]
        signature = unbase64(envelope["signatures"][0]["sig"], f"the signature of {what}")
        plain = set(envelope) == {"payload", "payloadType", "signatures"} and len(envelope["signatures"]) == 1
    except (KeyError, IndexError, TypeError):
        raise Broken(f"{what} is not a signed envelope") from None
    meant = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode("ascii"), len(payload), payload)
    key = next((one for one in keys if key_id(one) == named), None)
    if key is None:
        raise Broken(f"{what} names key {str(named)[:16]}, which is not the one to check with")
    if not plain or envelope["payloadType"] != kind or not signed_by(key, signature, meant):
        raise Broken(f"the signature of {what} does not hold")
    return json.loads(payload)


def sized(content: bytes) -> bytes:
    """Bytes as SSH writes them."""
    return struct.pack(">I", len(content)) + content


def tag_signed_by(key: bytes, text: str) -> str:
    """What a git tag says before its signature (SSHSIG); Broken when the key did not sign exactly that."""
    said, mark, armour = text.partition("-----BEGIN SSH SIGNATURE-----")
    blob = unbase64("".join(armour.replace("-----END SSH SIGNATURE-----", "").split()), "the tag's signature")
    meant = sized(b"git") + sized(b"") + sized(b"sha512")
    before = b"SSHSIG" + struct.pack(">I", 1) + sized(sized(SSH_KIND) + sized(key)) + meant
    content = b"SSHSIG" + meant + sized(hashlib.sha512(said.encode("utf-8")).digest())
    whole = before + sized(sized(SSH_KIND) + sized(blob[-64:]))
    if not mark or blob != whole or not signed_by(key, blob[-64:], content):
        raise Broken("the published tag was not signed by the notary's key, or was changed")
    return said
