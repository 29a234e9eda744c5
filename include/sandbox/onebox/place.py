"""Where one platform lives on this machine: repository, home folder, block of ports."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.world import World

REPOSITORY = Path(__file__).resolve().parents[3]
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
"""Linux's sun_path holds 108 bytes, the last one zero."""

AIRFLOW, NOTARY, WORKER_LOGS, TRIGGERER_LOGS = 0, 1, 20, 21
"""Offsets from the port base of what is not a stand-in; those are in sandbox.world."""


@dataclass(frozen=True)
class Place:
    """One platform's folders and addresses."""

    home: Path
    port_base: int
    repository: Path = REPOSITORY

    @property
    def world(self) -> World:
        """The same place as the stand-ins see it, secrets included."""
        return World(home=self.home, port_base=self.port_base)

    @property
    def run(self) -> Path:
        """Process ids and states."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Files of mode 0600."""
        return self.home / "secrets"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.home / "airflow"

    @property
    def database(self) -> Path:
        """PostgreSQL's data."""
        return self.home / "postgres"

    @property
    def catalogue(self) -> Path:
        """Catalogue entries of what was onboarded here; the repository's own folder comes first."""
        return self.home / "catalog"

    @property
    def accounts_file(self) -> Path:
        """The generated passwords, for the person who plays."""
        return self.home / "accounts.txt"

    @property
    def toolbox_digest_file(self) -> Path:
        """The toolbox image's digest, written by the image builder."""
        return self.run / "toolbox.digest"

    @property
    def python(self) -> Path:
        """The interpreter of the installed environment."""
        return Path(sys.executable)

    @property
    def airflow_url(self) -> str:
        """Base address of Airflow's UI and API."""
        return f"http://127.0.0.1:{self.port_base + AIRFLOW}"

    @property
    def notary_url(self) -> str:
        """Base address of the notary."""
        return f"http://127.0.0.1:{self.port_base + NOTARY}"

    def socket_folder(self) -> Path:
        """Where PostgreSQL's socket lies: in the home, or in a short folder when that path is too long."""
        if len(os.fsencode(self.home / "socket" / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.home / "socket"
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"hummingbird-{os.getuid()}-{name}"

    def create(self) -> None:
        """Make the folders; only this user may look into them."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (
            self.run,
            self.logs,
            self.secrets,
            self.airflow,
            self.catalogue,
            self.socket_folder(),
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def write_private(path: Path, content: str) -> None:
    """Replace a file at once; mode 0600 from its first byte."""
    replacement = path.with_name(path.name + ".new")
    descriptor = os.open(replacement, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    replacement.replace(path)
