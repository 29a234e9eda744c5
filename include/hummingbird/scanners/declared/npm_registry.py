"""Which registry npm asks, and which addresses of a lock lead there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hummingbird.scanners.declared.direct import host

NPMS_OWN = "registry.npmjs.org"
"""npm's own default host; in a lock npm takes it to mean whichever registry is configured."""


@dataclass(frozen=True)
class NpmRegistry:
    """The configured registry, npm's own without one.

    `replaced` is npm's replace-registry-host: npmjs, never, always or a host.
    """

    url: str = f"https://{NPMS_OWN}/"
    replaced: str = "npmjs"

    @property
    def host(self) -> str:
        """For a sentence."""
        return host(self.url)

    def serves(self, resolved: str) -> bool:
        """Whether npm fetches this address of a lock from the configured registry."""
        there, here = urlsplit(resolved), urlsplit(self.url)
        swapped = {"npmjs": NPMS_OWN, "never": None}.get(self.replaced, self.replaced)
        if there.scheme in ("http", "https") and swapped in ("always", there.hostname):
            return True
        return _origin(there) == _origin(here)


def registry_of(environment: Mapping[str, str]) -> NpmRegistry:
    """What the environment says, as npm reads it; npm's own default without a word."""
    told = {
        name.lower().removeprefix("npm_config_").replace("_", "-"): value
        for name, value in environment.items()
        if name.lower().startswith("npm_config_") and value
    }
    usual = NpmRegistry()
    return NpmRegistry(told.get("registry", usual.url), told.get("replace-registry-host", usual.replaced))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual
