"""The scan workload against a real git server and package store, with the scanners of this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import requests

from builders import the_catalogue
from hummingbird.clients.gitlab import GitLab
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Denied, NotFound
from hummingbird.core.finding import ScanReport
from hummingbird.core.job import ScanJob
from hummingbird.workloads.checkout import fetch
from hummingbird.workloads.mounted import GitlabAccess
from hummingbird.workloads.scan import scan
from sandbox_world import SandboxWorld
from scanner_programs import needs_semgrep

PROJECT = "trading/order-gateway"
COMPONENT = the_catalogue().component("order-gateway")


@pytest.fixture(scope="module")
def git_access(sandbox: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitlabAccess]:
    """Access to the git server, and the pod's Secret in HB_SECRETS."""
    sandbox.seeded("gitlab", "artifactory")
    secrets = tmp_path_factory.mktemp("secrets")
    gitlab = {"url": sandbox.url("gitlab"), "user": "platform", "token": sandbox.secret("gitlab.platform")}
    store = {
        "url": sandbox.url("artifactory"),
        "user": "platform",
        "token": sandbox.secret("artifactory.platform"),
    }
    (secrets / "gitlab.json").write_text(json.dumps(gitlab))
    (secrets / "artifactory.json").write_text(json.dumps(store))
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("HB_SECRETS", str(secrets))
        yield GitlabAccess(**gitlab)


@pytest.fixture(scope="module")
def commits(git_access: GitlabAccess) -> list[str]:
    """Commits of develop, newest first."""
    host = GitLab(git_access.url, git_access.token)
    return [commit.id for commit in host.commits_between(PROJECT, None, "develop")]


def a_job(
    commit: str,
    mode: Literal["incremental", "full"] = "full",
    base: str | None = None,
    scanners: list[str] | None = None,
) -> ScanJob:
    return ScanJob(
        story=None,
        component=COMPONENT,
        commit=commit,
        mode=mode,
        base=base,
        scanners=scanners or ["bandit", "ruff"],
        report_repository="reports-local",
    )


def scan_of(job: ScanJob, folder: Path) -> ScanReport:
    return scan(job, None, folder)  # type: ignore[arg-type]


@needs_semgrep
def test_a_full_scan_of_the_sample_component_is_clean_and_proven(
    commits: list[str], sandbox: SandboxWorld, tmp_path: Path
) -> None:
    names = the_catalogue().scanners["python"]
    report = scan_of(a_job(commits[0], scanners=names), tmp_path)
    assert [run.scanner for run in report.scanners] == names
    assert all(run.rules and run.files > 1 for run in report.scanners)
    assert report.findings == []
    assert report.unit_tests.green, report.unit_failures
    assert report.report_url
    auth = ("platform", sandbox.secret("artifactory.platform"))
    page = requests.get(report.report_url, auth=auth, timeout=30)
    assert page.status_code == 200
    assert sha256_hex(page.content) == report.report_sha256
    assert COMPONENT.title in page.content.decode()


def test_an_incremental_scan_looks_at_changed_files_only(commits: list[str], tmp_path: Path) -> None:
    report = scan_of(a_job(commits[0], "incremental", commits[0]), tmp_path)
    assert [run.files for run in report.scanners] == [0, 0]
    assert all(run.rules for run in report.scanners)


def test_a_lost_base_makes_an_incremental_scan_look_at_everything(commits: list[str], tmp_path: Path) -> None:
    report = scan_of(a_job(commits[0], "incremental", "0" * 39 + "1"), tmp_path)
    assert all(run.files > 10 for run in report.scanners)


def test_an_unknown_commit_and_a_wrong_token_are_errors(
    git_access: GitlabAccess, commits: list[str], tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with pytest.raises(NotFound):
        fetch(git_access, PROJECT, "0" * 39 + "1", None, tmp_path / "one")
    wrong = git_access.model_copy(update={"token": "wrong"})
    with pytest.raises(Denied):
        fetch(wrong, PROJECT, commits[0], None, tmp_path / "two")


def test_the_token_is_neither_in_the_checkout_nor_in_the_tests_environment(
    git_access: GitlabAccess, commits: list[str], tmp_path: Path
) -> None:
    checkout = fetch(git_access, PROJECT, commits[0], None, tmp_path)
    for path in (tmp_path / "checkout" / ".git").rglob("*"):
        assert not path.is_file() or git_access.token.encode() not in path.read_bytes()
    assert checkout.files()
    assert git_access.token not in os.environ.values()
