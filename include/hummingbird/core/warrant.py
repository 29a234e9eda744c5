"""The permission to bring one bundle to one environment: signed, expiring, used once a cluster."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from hummingbird.core.artifact import Sha256
from hummingbird.core.emergency import Emergency
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class Operation(StrEnum):
    """What a warrant permits."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"


class Warrant(Record):
    """What the notary signs. `predecessors`: cluster → component → bundle that ran before, None where none.

    To deploy is to bring the bundle there and to go back to those when it does not serve; to roll back is to
    bring those, and the bundle again when they do not serve.
    """

    id: str
    story: StoryKey
    bundle: Sha256
    evidence: Sha256
    environment: str
    operation: Operation
    clusters: list[str]
    predecessors: dict[str, dict[str, Sha256 | None]]
    policy_version: Sha256
    """Hash of the whole catalogue when it was issued."""
    policy: Sha256 | None = None
    """Hash of what concerns this bundle, environment and operation of it, as the approval names it."""
    approval: str | None
    """Id of the approval request; None where the environment asks nobody."""
    emergency: Emergency | None = None
    """Why it was issued past shut gates; None for every normal one."""
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    def predecessor_in(self, cluster: str) -> str | None:
        """The bundle a cluster's deployment came from; of several, the first."""
        return next((sha for sha in self.predecessors.get(cluster, {}).values() if sha), None)


class SignedWarrant(Record):
    """The exact bytes that were signed (base64 of canonical JSON), and the Ed25519 signature (base64)."""

    payload: str
    signature: str
    key_id: str


class Consumption(Record):
    """The notary's word when a deployment takes its warrant for one cluster."""

    warrant: str
    cluster: str
    job: str
    state: str
    """`granted` (also again to the unfinished job that holds it) or `finished`."""
    finished_at: AwareDatetime | None = None
    outcome: str | None = None
    """How the finished deployment ended, in DeployOutcome's words."""
