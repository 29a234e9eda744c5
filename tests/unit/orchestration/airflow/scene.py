"""Airflow's own processes for tests: settings that may start, the play of roles, a whole API server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from builders import CATALOGUE_FOLDER, the_catalogue
from hummingbird.preflight.connections import needed
from waiting import until

INCLUDE = Path(__file__).parents[4] / "include"
HERE = Path(__file__).parent
DRAWN = "nQ4vX8rT1zL6pK0sW3yB7mD5hF2jG9cA-uE_iOqRtYxVbNlMkJhGfDsAzPoIuYt1W"
PASSWORD = "of-the-tests-" + DRAWN[:12]


def connections() -> dict[str, Any]:
    """Sound ones of every id that the catalogue needs."""
    kubeconfig = {"clusters": [{"name": "c", "cluster": {"server": "https://k.example.com"}}]}
    cluster = {"conn_type": "kubernetes", "extra": {"kube_config": json.dumps(kubeconfig)}}
    system = {"conn_type": "http", "host": "https://system.example.com", "password": "x"}
    return {name: cluster if name.startswith("cluster_") else system for name in needed(the_catalogue())}


def backend(file: Path) -> str:
    """Arguments of the secrets backend that reads a file."""
    return json.dumps({"connections_file_path": str(file)})


def airflow_environment(folder: Path, database: str, connections_file: Path) -> dict[str, str]:
    """Settings that may start."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder),
        "PYTHONPATH": str(INCLUDE),
        "HUMMINGBIRD_CATALOG": str(CATALOGUE_FOLDER),
        "AIRFLOW__CORE__AUTH_MANAGER": "hummingbird.orchestration.auth.DeliveryAuthManager",
        "AIRFLOW__CORE__FERNET_KEY": "sH1yT8vNqX3mR6kP0wZcJ5uL9bD2fG7aE4iQoVtYxCs=",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API__SECRET_KEY": DRAWN,
        "AIRFLOW__API_AUTH__JWT_SECRET": DRAWN,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.replace("postgresql:", "postgresql+psycopg2:"),
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": backend(connections_file),
    }


def played(environment: Mapping[str, str], script: str, *arguments: str) -> Any:
    """What a script of this folder answers that runs in Airflow's environment."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("answer ")]
    assert done.returncode == 0 and told, done.stdout + done.stderr
    return json.loads(told[-1].removeprefix("answer "))


@dataclass(frozen=True)
class ApiServer:
    """Airflow's API server: its address, and every route as it told them."""

    url: str
    routes: frozenset[tuple[str, str]]

    def token(self, account: str) -> str:
        """A token of an account."""
        answer = requests.post(
            f"{self.url}/auth/token", json={"username": account, "password": PASSWORD}, timeout=30
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["access_token"])


@contextmanager
def api_server(environment: Mapping[str, str], port: int, folder: Path) -> Iterator[ApiServer]:
    """The server, until the end of the block."""
    (folder / "webserver_config.py").write_text(
        "AUTH_RATE_LIMITED = False\nWTF_CSRF_ENABLED = True\n", "utf-8"
    )
    command = [sys.executable, str(HERE / "serve.py"), str(port), str(folder / "routes.json")]
    url = f"http://127.0.0.1:{port}"
    with (folder / "api-server.log").open("wb") as log:
        process = subprocess.Popen(command, env=dict(environment), stdout=log, stderr=log)
        try:
            until(lambda: _serves(url, process), 180)
            told = json.loads((folder / "routes.json").read_text("utf-8"))
            yield ApiServer(url, frozenset((method, path) for method, path in told))
        finally:
            process.terminate()
            process.wait(30)


def _serves(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the API server ended instead of starting"
    try:
        return requests.get(f"{url}/api/v2/version", timeout=60).ok
    except requests.ConnectionError:
        return False
