"""The last look at the permission, in the pod, before anything is touched: nobody else's word is taken."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from hummingbird.core.errors import Invalid, Mismatch
from hummingbird.core.job import DeployJob
from hummingbird.core.warrant import SignedWarrant, Warrant


def signed_by(signed: SignedWarrant, public_key: str) -> Warrant:
    """What was signed; Mismatch unless the key (base64, raw Ed25519) made the signature over these bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Invalid("notary.json: public_key is not a base64 Ed25519 key") from error
    try:
        payload = base64.b64decode(signed.payload, validate=True)
        key.verify(base64.b64decode(signed.signature, validate=True), payload)
    except (binascii.Error, InvalidSignature, ValueError) as error:
        raise Mismatch("the warrant is not signed by this notary") from error
    try:
        return Warrant.model_validate_json(payload)
    except ValidationError as error:
        raise Mismatch(f"the warrant is signed but unreadable: {error.errors()[0]['msg']}") from error


def require_cover(warrant: Warrant, job: DeployJob) -> None:
    """Mismatch in a sentence unless the warrant permits exactly this job."""
    bundle = job.bundle.sha256
    if warrant.bundle != bundle:
        raise Mismatch(f"the warrant is for bundle {warrant.bundle[:12]}, the job carries {bundle[:12]}")
    if warrant.environment != job.environment.name:
        raise Mismatch(f"the warrant is for {warrant.environment}, the job goes to {job.environment.name}")
    if job.cluster.name not in warrant.clusters or job.cluster.name not in job.environment.clusters:
        raise Mismatch(f"the warrant permits {', '.join(warrant.clusters)}, not {job.cluster.name}")
    if warrant.story != job.story:
        raise Mismatch(f"the warrant is for story {warrant.story}, the job names {job.story}")
    named = {sha for sha in warrant.predecessors.get(job.cluster.name, {}).values() if sha}
    for sha, predecessor in job.predecessors.items():
        if predecessor.sha256 != sha:
            raise Mismatch(f"what is given as bundle {sha[:12]} is bundle {predecessor.sha256[:12]}")
    missing = named - job.predecessors.keys()
    if missing:
        raise Mismatch(f"predecessor {min(missing)[:12]} that the warrant names is not with the job")


def require_unexpired(warrant: Warrant, now: datetime) -> None:
    """Mismatch when the warrant is over. Asked before a deployment begins; one under way may end."""
    if now >= warrant.expires_at:
        raise Mismatch(f"the warrant expired at {warrant.expires_at:%Y-%m-%d %H:%M:%S} UTC")
