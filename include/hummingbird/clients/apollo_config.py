"""Apollo's config service: what a program that starts now really gets (`GET /configs/…`)."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.http import Site
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.core.component import ApolloNamespace


class Served(BaseModel):
    """The configuration as a client gets it, and the key of the release it is of."""

    configurations: dict[str, str]
    releaseKey: str  # noqa: N815  # Apollo's name


_SERVED: TypeAdapter[Served] = TypeAdapter(Served)


class ApolloConfig:
    """One config service; each environment has its own in a real Apollo."""

    def __init__(
        self,
        url: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self._site = Site("Apollo config service", url, verify=verify, limits=limits, retrying=retrying)

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def served(self, place: ApolloNamespace) -> Served | None:
        """What clients of the namespace get now, None when nothing was released."""
        parts = (place.app, place.cluster, place.namespace)
        path = "configs/" + "/".join(quote(part, safe="") for part in parts)
        answer = self._site.call("GET", path, about=f"configuration of {'/'.join(parts)}", accept={404})
        return None if answer.status == 404 else answer.read_as(_SERVED)
