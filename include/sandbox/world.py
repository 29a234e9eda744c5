"""Where a stand-in lives: its folder, its port, its secrets. One file of secrets for all processes."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sandbox.catalog import clusters

CLUSTERS = tuple(clusters())
"""The catalogue's clusters, in its order."""

FIRST_CLUSTER, MOST_CLUSTERS = 10, 10
"""Clusters take the offsets from 10 in the catalogue's order: a new one is appended there."""

PORTS = {
    "jira": 2,
    "gitlab": 3,
    "harbor": 4,
    "artifactory": 5,
    "apollo": 6,
    "apollo-config": 7,
    **{name: FIRST_CLUSTER + index for index, name in enumerate(CLUSTERS[:MOST_CLUSTERS])},
}
"""Offset of every listening port from the port base."""

MAIL_DOMAIN = "hummingbird.example"
"""Of every account's mail address, the same on every system; a reserved name, it reaches nobody."""

ACCOUNTS = (
    "platform",
    "developer",
    "developer2",
    "release_manager",
    "test_lead",
    "release_approver",
    "operations_approver",
    "compliance",
    "operations",
    "auditor",
    "administrator",
)
"""User names that exist on every system, the platform's own first."""


@dataclass(frozen=True)
class World:
    """The sandbox's place on this machine: one home folder and one block of ports."""

    home: Path
    port_base: int

    def folder(self, system: str) -> Path:
        """The folder a stand-in keeps its state in, created when missing."""
        folder = self.home / "sandbox" / system
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def port(self, name: str) -> int:
        """The TCP port of a system or cluster."""
        return self.port_base + PORTS[name]

    def url(self, name: str) -> str:
        """The base URL of a system or cluster; clusters speak TLS."""
        scheme = "https" if name in CLUSTERS else "http"
        return f"{scheme}://127.0.0.1:{self.port(name)}"

    def secret(self, name: str) -> str:
        """A password or token by name, made on first use and the same for every process after that."""
        path = self.home / "secrets" / "sandbox.json"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.with_suffix(".lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
            if name not in known:
                known[name] = secrets.token_urlsafe(24)
                replacement = path.with_suffix(".new")
                descriptor = os.open(replacement, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(known, file, indent=1, sort_keys=True)
                replacement.replace(path)
            return known[name]
