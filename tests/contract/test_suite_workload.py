"""The suite workload against a really running service, with its page and JUnit file kept."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from builders import HASH, the_catalogue
from contract.deploy_world import GOOD_ITEMS, SOURCE
from hummingbird.clients.gitlab import GitLab
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import NotFound
from hummingbird.core.finding import SuiteReport
from hummingbird.core.job import SuiteJob
from hummingbird.core.story import StoryKey
from hummingbird.workloads.suite import suite
from sandbox_world import SandboxWorld

PROJECT = "trading/order-gateway"
COMPONENT = the_catalogue().component("order-gateway")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[int]:
    """order-gateway on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    items = tmp_path / "application.properties"
    items.write_text("".join(f"{key}={value}\n" for key, value in GOOD_ITEMS.items()))
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PORT": str(port)}
    environment["ORDER_GATEWAY_CONFIG"] = str(items)
    process = subprocess.Popen([sys.executable, "-m", "order_gateway"], env=environment)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("order-gateway does not listen")


@pytest.fixture
def job(sandbox: SandboxWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SuiteJob:
    """The functional suite of develop's head; the pod's Secret lies in HB_SECRETS."""
    sandbox.seeded("gitlab", "artifactory")
    token = sandbox.secret("gitlab.platform")
    host = GitLab(sandbox.url("gitlab"), token)
    commit = host.branch(PROJECT, "develop").commit
    host.close()
    gitlab = f'{{"url": "{sandbox.url("gitlab")}", "user": "platform", "token": "{token}"}}'
    stored = sandbox.secret("artifactory.platform")
    store = f'{{"url": "{sandbox.url("artifactory")}", "user": "platform", "token": "{stored}"}}'
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "gitlab.json").write_text(gitlab)
    (secrets / "artifactory.json").write_text(store)
    monkeypatch.setenv("HB_SECRETS", str(secrets))
    return SuiteJob(
        story=StoryKey("HB-101"),
        component=COMPONENT,
        commit=commit,
        bundle=HASH,
        environment="test",
        name="functional",
        suite=COMPONENT.suites["functional"],
        report_repository="reports-local",
    )


def run(job: SuiteJob, folder: Path) -> SuiteReport:
    folder.mkdir()
    return suite(job, None, folder)  # type: ignore[arg-type]


def test_the_functional_suite_is_green_against_a_running_service(
    job: SuiteJob, service: int, sandbox: SandboxWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDER_GATEWAY_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("ORDER_GATEWAY_SERVICE_PORT", str(service))
    report = run(job, tmp_path / "scratch")
    assert report.counts.green, report.failures
    assert report.report_url
    auth = ("platform", sandbox.secret("artifactory.platform"))
    page = requests.get(report.report_url, auth=auth, timeout=30)
    assert sha256_hex(page.content) == report.report_sha256
    assert b"<html" in page.content


def test_a_suite_against_a_service_that_does_not_answer_is_red(
    job: SuiteJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDER_GATEWAY_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("ORDER_GATEWAY_SERVICE_PORT", "9")
    report = run(job, tmp_path / "scratch")
    assert not report.counts.green
    assert report.failures


def test_a_suite_without_a_deployed_service_is_an_error(job: SuiteJob, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="deploy it first"):
        run(job, tmp_path / "scratch")
