"""The notary as a process: it says in one sentence why it cannot start, ends cleanly, loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hummingbird.core.errors import Invalid
from hummingbird.notary.settings import read_settings
from hummingbird.notary.signing import make_key
from postgres import LedgerDatabase
from unit.notary.airflow_stand_in import PASSWORD, AirflowStandIn
from unit.notary.scene import CATALOGUE, READER, TASKS, WEBHOOK, bearer
from unit.notary.webhook_samples import a_push
from waiting import until

INCLUDE = CATALOGUE.parent


def secret(path: Path, content: str) -> str:
    path.write_text(content, "utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def settings(ledger_database: LedgerDatabase, airflow: AirflowStandIn, tmp_path: Path) -> dict[str, str]:
    make_key(tmp_path / "key.pem")
    return {
        "HB_LEDGER_DSN": ledger_database.writer,
        "HB_LEDGER_READER_DSN": ledger_database.reader,
        "HB_LEDGER_WITNESS_FILE": str(tmp_path / "witness"),
        "HB_NOTARY_KEY_FILE": str(tmp_path / "key.pem"),
        "HB_NOTARY_TOKENS_FILE": secret(tmp_path / "tokens", json.dumps({"tasks": TASKS, "reader": READER})),
        "HB_GITLAB_WEBHOOK_TOKEN_FILE": secret(tmp_path / "webhook", WEBHOOK + "\n"),
        "HB_AIRFLOW_URL": airflow.url,
        "HB_AIRFLOW_CREDENTIALS_FILE": secret(
            tmp_path / "airflow", json.dumps({"user": "platform", "password": PASSWORD})
        ),
        "HUMMINGBIRD_CATALOG": str(CATALOGUE),
        "PYTHONPATH": str(INCLUDE),
        "PATH": os.environ["PATH"],
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hummingbird.notary", *arguments]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def started(settings: dict[str, str], port: int) -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def serve(started: list[subprocess.Popen[str]], settings: dict[str, str], port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command("serve", "--port", str(port)),
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(process)

    def healthy() -> bool:
        assert process.poll() is None, process.communicate()[0]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
        except httpx.TransportError:
            return False

    until(healthy)
    return process


def test_killed_at_any_moment_it_goes_on_where_it_was(
    settings: dict[str, str], port: int, started: list[subprocess.Popen[str]], airflow: AirflowStandIn
) -> None:
    airflow.failures = [404] * 1000
    process = serve(started, settings, port)
    headers = {"X-Gitlab-Token": WEBHOOK, "Idempotency-Key": "delivery-1"}
    url = f"http://127.0.0.1:{port}"
    assert httpx.post(f"{url}/webhooks/gitlab", json=a_push(), headers=headers).status_code == 202
    process.kill()
    process.wait(30)
    airflow.failures = []
    again = serve(started, settings, port)
    until(lambda: len(airflow.triggered) == 1)
    assert httpx.get(f"{url}/health").json()["sequence"] == 1
    assert (
        httpx.get(f"{url}/events", headers=bearer(READER)).json()[0]["event"]["component"] == "order-gateway"
    )
    again.send_signal(signal.SIGTERM)
    output, _ = again.communicate(timeout=30)
    assert again.returncode == 0
    for hidden in (TASKS, READER, WEBHOOK, PASSWORD):
        assert hidden not in output
    assert "Traceback" not in output


def failing(settings: dict[str, str], port: int) -> str:
    done = subprocess.run(
        command("serve", "--port", str(port)),
        env=settings,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_missing_schema_is_one_sentence(settings: dict[str, str], port: int, empty_database: str) -> None:
    both = {"HB_LEDGER_DSN": empty_database, "HB_LEDGER_READER_DSN": empty_database}
    assert "run `hummingbird ledger migrate" in failing(settings | both, port)


def test_a_taken_port_is_one_sentence(settings: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} of 127.0.0.1 cannot be taken" in failing(settings, port)


def test_settings_show_no_secret(settings: dict[str, str]) -> None:
    shown = repr(read_settings(settings))
    assert not any(hidden in shown for hidden in (TASKS, READER, WEBHOOK, PASSWORD))


def test_missing_settings_are_all_named(settings: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="set HB_LEDGER_DSN, HB_AIRFLOW_URL"):
        read_settings(settings | {"HB_LEDGER_DSN": "", "HB_AIRFLOW_URL": ""})
    with pytest.raises(Invalid, match="not JSON"):
        read_settings(settings | {"HB_NOTARY_TOKENS_FILE": secret(tmp_path / "x", "{")})
    with pytest.raises(Invalid, match="shorter than 16"):
        short = secret(tmp_path / "y", json.dumps({"tasks": "a", "reader": READER}))
        read_settings(settings | {"HB_NOTARY_TOKENS_FILE": short})
    with pytest.raises(Invalid, match="not a PEM private key"):
        read_settings(settings | {"HB_NOTARY_KEY_FILE": secret(tmp_path / "z", "no key")})
    Path(settings["HB_NOTARY_TOKENS_FILE"]).chmod(0o644)
    with pytest.raises(Invalid, match="others may read this secret"):
        read_settings(settings)


def test_the_key_is_made_once_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "new" / "key.pem"
    environment = {"PYTHONPATH": str(INCLUDE)}
    outputs = [
        subprocess.run(
            command("init-key", str(file)), env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert outputs[0].stdout == outputs[1].stdout
    assert file.stat().st_mode & 0o777 == 0o600
