"""Signatures that git and ssh-keygen verify: SSHSIG over a git tag, by the notary's Ed25519 key.

https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import base64
import hashlib
import struct
import textwrap

from hummingbird.notary.signing import SigningKey

_MAGIC = b"SSHSIG"
_KIND = b"ssh-ed25519"
_NAMESPACE = b"git"
_HASH = b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def ssh_public_key(key: SigningKey) -> str:
    """The public key as `allowed_signers` and `authorized_keys` hold it."""
    return f"{_KIND.decode()} {base64.b64encode(_public(key)).decode('ascii')}"


def armoured_signature(content: bytes, key: SigningKey) -> str:
    """The signature over what git signs of a tag, as it stands at the tag's end."""
    meant = _text(_NAMESPACE) + _text(b"") + _text(_HASH)
    signed = _MAGIC + meant + _text(hashlib.sha512(content).digest())
    signature = _text(_KIND) + _text(key.private.sign(signed))
    blob = _MAGIC + struct.pack(">I", 1) + _text(_public(key)) + meant + _text(signature)
    lines = textwrap.wrap(base64.b64encode(blob).decode("ascii"), 70)
    return "\n".join([_BEGIN, *lines, _END, ""])


def _public(key: SigningKey) -> bytes:
    return _text(_KIND) + _text(key.public_raw)


def _text(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
