"""A checkout to install from, and what this machine would be told of package sources."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hummingbird.workloads.programs.installing import install_node, install_python
from sandbox.npm import node

SETTINGS = ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_INDEX_URL", "npm_config_registry")


def plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's own settings for pip and npm are no part of a test; Node is on the PATH."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PATH", os.pathsep.join([str(node().parent), os.environ["PATH"]]))


class Checkout:
    """A folder, and the environment in which its packages are installed."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.target, self.home = root / "app", root / "packages", root / "home"
        self.folder.mkdir()
        self.home.mkdir()
        self.environment = monkeypatch

    def write(self, name: str, content: str | dict[str, Any]) -> None:
        """A file as text, or as JSON."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8")


class PythonCheckout(Checkout):
    """What pip installs."""

    def indexes(self, first: str, *more: str) -> None:
        """Configure these."""
        self.environment.setenv("PIP_INDEX_URL", f"{first}/simple/")
        self.environment.setenv("PIP_EXTRA_INDEX_URL", " ".join(f"{one}/simple/" for one in more))

    def install(self) -> str:
        """Install; what the module acme_pricing says."""
        assert install_python(self.folder, self.target, self.home, tests=False)
        return (self.target / "acme_pricing.py").read_text("utf-8")


class NodeCheckout(Checkout):
    """What npm installs."""

    def registry(self, url: str) -> None:
        """Configure it."""
        self.environment.setenv("NPM_CONFIG_REGISTRY", url)
        self.environment.setenv("NPM_CONFIG_CACHE", str(self.home / "cache"))
        self.environment.setenv("NPM_CONFIG_FETCH_RETRIES", "0")

    def wants(self, **packages: str) -> None:
        """Write package.json."""
        self.write("package.json", {"name": "shop", "version": "1.0.0", "dependencies": packages})

    def locks(self, wants: dict[str, str], **entries: dict[str, Any]) -> None:
        """Write package.json and a lock of version 3 with these entries of node_modules."""
        self.wants(**wants)
        root = {"name": "shop", "version": "1.0.0", "dependencies": wants}
        packages = {"": root, **{f"node_modules/{name}": one for name, one in entries.items()}}
        lock = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
        self.write("package-lock.json", lock)

    def install(self) -> list[str]:
        """Install; the packages that lie there."""
        assert install_node(self.folder, self.home, tests=False)
        return sorted(path.parent.name for path in self.folder.glob("node_modules/*/package.json"))
