"""The notary's Ed25519 key: made once, kept in a file of mode 0600, named by its public half."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Conflict, Invalid
from hummingbird.notary.private_file import require_private

_BUILDS = b"hummingbird build provenance v1"


@dataclass(frozen=True)
class SigningKey:
    """Signs, and verifies what it signed."""

    private: Ed25519PrivateKey

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key in a PEM file; Invalid when it is missing, readable by others, or no Ed25519 key."""
        try:
            require_private(path)
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise Invalid(
                f"{path}: the notary's key cannot be read: {error.strerror}; make one with init-key"
            ) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Invalid(f"{path}: not a PEM private key without a password") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise Invalid(f"{path}: expected an Ed25519 key")
        return cls(private)

    @property
    def for_builds(self) -> SigningKey:
        """The builds' own key: drawn from this one (HKDF, RFC 5869), so that it is kept and lost with it.

        What one of the two signed never verifies as the other's.
        """
        drawn = HKDF(hashes.SHA256(), 32, salt=None, info=_BUILDS).derive(self.private.private_bytes_raw())
        return SigningKey(Ed25519PrivateKey.from_private_bytes(drawn))

    @property
    def public_raw(self) -> bytes:
        """The public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def public_base64(self) -> str:
        """The public key as pods get it."""
        return base64.b64encode(self.public_raw).decode("ascii")

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the public key's SHA-256."""
        return sha256_hex(self.public_raw)[:16]

    def sign(self, content: bytes) -> str:
        """The signature, base64."""
        return base64.b64encode(self.private.sign(content)).decode("ascii")

    def verifies(self, content: bytes, signature: str) -> bool:
        """Whether this key made the signature (base64) over exactly these bytes."""
        try:
            self.private.public_key().verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True


def make_key(path: Path) -> SigningKey:
    """Write a new key; Conflict when the file is there: a key is never overwritten."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict(f"{path} exists; a notary's key is never overwritten") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return SigningKey(private)
