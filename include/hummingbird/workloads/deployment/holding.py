"""One deployment at a time in an environment's cluster: a Kubernetes Lease, kept while we work."""

from __future__ import annotations

import time

from hummingbird.clients.lease import Held, Leases
from hummingbird.core.job import DeployJob
from hummingbird.workloads.progress import say

RENEW_SECONDS = 5.0
MARGIN_SECONDS = 60


class Holding:
    """A held lease. `keep` is called before everything that changes the cluster."""

    def __init__(self, leases: Leases, held: Held) -> None:
        self._leases = leases
        self._held = held
        self._renewed = time.monotonic()

    @classmethod
    def take(cls, leases: Leases, job: DeployJob, holder: str) -> Holding:
        """Take the lease for a job, also again when it is started again. Conflict names other holders."""
        longest = max(component.workload.startup_seconds for component in job.components)
        name = f"hummingbird-{job.environment.name}"
        held = leases.acquire(name, holder, longest + MARGIN_SECONDS)
        say(f"lease {name} taken, fence {held.fence}")
        return cls(leases, held)

    @property
    def fence(self) -> int:
        """A number that grows with every holder: it tells an old holder's writes from a new one's."""
        return self._held.fence

    def keep(self) -> None:
        """Renew when it is time; Conflict when somebody else has the lease: then nothing may be touched."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._held = self._leases.renew(self._held)
        self._renewed = time.monotonic()

    def give_back(self) -> None:
        """Let the next one in."""
        self._leases.release(self._held)
