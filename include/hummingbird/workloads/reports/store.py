"""Keeps reports in the package repository, each under a name made of its content: nothing is overwritten."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.clients.artifactory import Artifactory
from hummingbird.core.canonical import sha256_hex
from hummingbird.workloads.mounted import ArtifactoryAccess, access

_TYPES = {".html": "text/html; charset=utf-8", ".sarif": "application/sarif+json", ".xml": "application/xml"}


@dataclass(frozen=True)
class Stored:
    """Where a report lies and what it is."""

    url: str
    sha256: str


class ReportStore:
    """One job's folder of reports."""

    def __init__(self, repository: str, folder: str) -> None:
        reachable = access("artifactory", ArtifactoryAccess)
        self._store = Artifactory(reachable.url, reachable.user, reachable.token)
        self._repository = repository
        self._folder = folder

    def keep(self, name: str, suffix: str, content: bytes) -> Stored:
        """Store a report; the same bytes again are the same file."""
        sha256 = sha256_hex(content)
        path = f"{self._folder}/{name}-{sha256[:12]}{suffix}"
        return Stored(self._store.put(self._repository, path, content, _TYPES[suffix]), sha256)
