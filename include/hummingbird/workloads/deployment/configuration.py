"""A target's configuration in Apollo: released as the bundle has it, and read back as programs get it."""

from __future__ import annotations

from hummingbird.clients.apollo import Apollo
from hummingbird.clients.apollo_config import ApolloConfig, Served
from hummingbird.clients.retrying import Retrying
from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Garbled
from hummingbird.workloads.deployment.not_serving import NotServing
from hummingbird.workloads.deployment.target import Target

SERVED_SECONDS = 20.0
"""How long the config service may take to serve a release; Apollo's scans for new ones every second."""


class Configurations:
    """Apollo's portal and its config service, for one environment."""

    def __init__(self, portal: Apollo, service: ApolloConfig, config_url: str) -> None:
        self._portal = portal
        self._service = service
        self.config_url = config_url

    def close(self) -> None:
        """Close all connections."""
        self._portal.close()
        self._service.close()

    def difference(self, target: Target) -> list[str]:
        """Keys whose value programs get now and that the target's items change, add or take away."""
        served = self._service.served(target.apollo)
        now = served.configurations if served else {}
        wanted = target.items
        return sorted(key for key in now.keys() | wanted.keys() if now.get(key) != wanted.get(key))

    def release(self, target: Target, warrant: str) -> int:
        """Bring the namespace to exactly the items and release them, once; returns the release's id."""
        title = f"{target.story} {target.bundle[:12]}"
        released = self._portal.release(
            target.environment.apollo_env, target.apollo, target.items, title, f"warrant {warrant}"
        )
        self._wait_until_served(target)
        return released.id

    def read_back(self, target: Target) -> str | None:
        """SHA-256 of what programs get, None when nothing is served."""
        served = self._service.served(target.apollo)
        return content_hash(served.configurations) if served else None

    def _wait_until_served(self, target: Target) -> None:
        """A pod that starts before the release is served would start with the old items."""

        def look() -> Served:
            served = self._service.served(target.apollo)
            if served is None or served.configurations != target.items:
                raise Garbled(f"Apollo's config service does not serve the release of {target.name} yet")
            return served

        try:
            Retrying(attempts=60, longest=0.5, patience=SERVED_SECONDS).run(look, again=True)
        except Garbled as error:
            raise NotServing(f"{error}, {SERVED_SECONDS:.0f} s after it") from error
