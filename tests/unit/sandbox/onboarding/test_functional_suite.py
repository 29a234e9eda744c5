"""The functional suite that joining writes, beside the tests that a team runs by its own bare `pytest`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sandbox.onboarding.delivery import delivery_files
from sandbox.onboarding.program import recognise
from sandbox.onboarding.source import clone
from unit.sandbox.onboarding.repositories import repository

APP = "import flask\n\napp = flask.Flask(__name__)\n"
TEAM = {
    "app.py": APP,
    "requirements.txt": "flask\ngunicorn\n",
    "test_app.py": "def test_unit():\n    pass\n",
}


class Serving(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def served() -> Iterator[dict[str, str]]:
    """Kubernetes' variables of a program that answers."""
    server = HTTPServer(("127.0.0.1", 0), Serving)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield {"SHOP_SERVICE_HOST": "127.0.0.1", "SHOP_SERVICE_PORT": str(server.server_port)}
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def joined(tmp_path: Path) -> Path:
    repository(tmp_path / "repository", TEAM)
    source = clone(str(tmp_path / "repository"), None, tmp_path / "joined")
    for name, text in delivery_files(source, "shop", recognise(source), "/").items():
        (source.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (source.folder / name).write_text(text, "utf-8")
    return source.folder


def bare_pytest(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_team_s_own_pytest_leaves_the_suite_out(joined: Path) -> None:
    ran = bare_pytest(joined)
    assert (ran.returncode, ran.stdout.splitlines()[-1][:8]) == (0, "1 passed"), ran.stdout


def test_where_the_program_runs_the_suite_asks_it(joined: Path, served: dict[str, str]) -> None:
    ran = bare_pytest(joined, "delivery/functional", **served)
    assert (ran.returncode, ran.stdout.splitlines()[-1][:8]) == (0, "1 passed"), ran.stdout


def test_the_suite_without_an_address_is_no_success(joined: Path) -> None:
    assert bare_pytest(joined, "delivery/functional").returncode != 0
