"""The notary as a process: it says in one sentence why it cannot start, ends cleanly, loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hummingbird.core.errors import Invalid
from hummingbird.notary.outbox import CLAIM
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
    # A call that was under way when it died is made again when its claim ends.
    until(lambda: len(airflow.triggered) == 1, CLAIM.total_seconds() + 60)
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


def failing(settings: dict[str, str], port: int, *more: str) -> str:
    done = subprocess.run(
        command("serve", "--port", str(port), *more),
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


@pytest.mark.long
def test_an_unsound_start_is_refused_in_one_sentence_each(
    settings: dict[str, str], port: int, ledger_database: LedgerDatabase, tmp_path: Path
) -> None:
    assert "plain HTTP on 0.0.0.0" in failing(settings, port, "--host", "0.0.0.0")
    remote = {"HB_AIRFLOW_URL": "http://airflow.example.com"}
    assert "HB_AIRFLOW_URL speaks plain HTTP to airflow.example.com" in failing(settings | remote, port)
    mighty = {"HB_LEDGER_DSN": ledger_database.owner}
    assert "is a superuser; give the DSN of role ledger_writer" in failing(settings | mighty, port)
    empty = {"HUMMINGBIRD_CATALOG": str(tmp_path)}
    assert "the file is missing from the catalogue folder" in failing(settings | empty, port)
    Path(settings["HB_NOTARY_KEY_FILE"]).chmod(0o640)
    assert "others may read this secret" in failing(settings, port)


def test_beyond_loopback_it_serves_https_alone(
    settings: dict[str, str], port: int, started: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    certificate = a_certificate(tmp_path)
    process = subprocess.Popen(
        command("serve", "--host", "0.0.0.0", "--port", str(port)),
        env=settings | {f"HB_NOTARY_TLS_{part}_FILE": str(file) for part, file in certificate.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(process)
    trusting = httpx.Client(verify=ssl.create_default_context(cafile=str(certificate["CERT"])))

    def healthy() -> bool:
        assert process.poll() is None, process.communicate()[0]
        try:
            return trusting.get(f"https://127.0.0.1:{port}/health").status_code == 200
        except httpx.TransportError:
            return False

    until(healthy)
    trusting.close()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/health")


def a_certificate(folder: Path) -> dict[str, Path]:
    """A certificate of its own authority for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "notary")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = {"CERT": folder / "tls.crt", "KEY": folder / "tls.key"}
    files["CERT"].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    secret(files["KEY"], pem.decode())
    return files


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
