"""A notary and its database as processes that are started again whenever they end, as in production."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from hummingbird.clients.notary import NotaryApi
from hummingbird.clients.retrying import Retrying
from hummingbird.ledger.migrate import migrate
from hummingbird.ledger.roles import READER, WRITER, Passwords
from hummingbird.notary.signing import make_key
from postgres import Server, as_user
from sandbox.onebox.place import REPOSITORY
from waiting import until

DURABLE = {"listen_addresses": "", "max_connections": "50", "timezone": "UTC", "fsync": "off"}
"""What a commit promised survives the death of the server; only the machine may not die."""
TOKENS = {"tasks": "t" * 40, "reader": "r" * 40}
LOOK_SECONDS = 0.05


class NotaryWorld:
    """Both processes; `kill_notary` and `stop_database` are overcome by themselves."""

    def __init__(self, folder: Path, database_folder: Path) -> None:
        self.server = Server(database_folder, DURABLE)
        self.server.initialise()
        self.server.start()
        migrate(self.server.dsn, Passwords())
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "notary.log"
        self.dsn = as_user(self.server.dsn, READER)
        self._environment = self._settings(folder)
        self._ending = threading.Event()
        self._notary: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="keeper")
        self._keeper.start()
        until(self.serves)

    def client(self) -> NotaryApi:
        """A task's client: patient, and whatever it repeats is found by key."""
        return NotaryApi(
            self.url, TOKENS["tasks"], retrying=Retrying(attempts=200, longest=0.5, patience=120)
        )

    def serves(self) -> bool:
        """Whether the notary answers with the database behind it."""
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill_notary(self) -> None:
        """SIGKILL."""
        if self._notary is not None:
            self._notary.kill()

    def stop_database(self) -> None:
        """Immediately: sessions are dropped, recovery follows."""
        self.server.end(signal.SIGQUIT)

    def end(self) -> None:
        """End both."""
        self._ending.set()
        self._keeper.join(60)
        self.kill_notary()
        if self._notary is not None:
            self._notary.wait(30)
        self.server.end()

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if not self.server.alive:
                self.server.start()
            if self._notary is None or self._notary.poll() is not None:
                with self.log.open("ab") as log:
                    command = [sys.executable, "-m", "hummingbird.notary", "serve", "--port", str(self.port)]
                    self._notary = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def _settings(self, folder: Path) -> dict[str, str]:
        make_key(folder / "key.pem")
        airflow = {"user": "platform", "password": "none"}
        return {
            "HB_LEDGER_DSN": as_user(self.server.dsn, WRITER),
            "HB_LEDGER_READER_DSN": self.dsn,
            "HB_LEDGER_WITNESS_FILE": str(folder / "witness"),
            "HB_NOTARY_KEY_FILE": str(folder / "key.pem"),
            "HB_NOTARY_TOKENS_FILE": _private(folder / "tokens", json.dumps(TOKENS)),
            "HB_GITLAB_WEBHOOK_TOKEN_FILE": _private(folder / "webhook", "w" * 40),
            "HB_AIRFLOW_URL": "http://127.0.0.1:9",
            "HB_AIRFLOW_CREDENTIALS_FILE": _private(folder / "airflow", json.dumps(airflow)),
            "HUMMINGBIRD_CATALOG": str(REPOSITORY / "include/catalog"),
            "PYTHONPATH": str(REPOSITORY / "include"),
            "PATH": os.environ["PATH"],
        }


def _private(path: Path, content: str) -> str:
    path.write_text(content, "utf-8")
    path.chmod(0o600)
    return str(path)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
