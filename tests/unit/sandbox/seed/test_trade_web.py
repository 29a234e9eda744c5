"""trade-web: its tests pass by Node's runner, scanners find nothing, it packs to the same bytes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

import node_program  # noqa: F401  which Node
import scanner_programs
from builders import the_catalogue
from hummingbird.scanners.eslint import Eslint
from hummingbird.scanners.semgrep import Semgrep
from hummingbird.workloads.scan_view import build_view, given_to
from hummingbird.workloads.scanning import scan
from hummingbird.workloads.test_runners import run_tests
from sandbox.seed.stories import commits_for

pytestmark = pytest.mark.parametrize("component", ["trade-web"], indirect=True)
WEB = the_catalogue().component("trade-web")
STORIES = ["", "HB-101"]


def develop(checkout: Path, story: str) -> None:
    for work in commits_for(story) if story else []:
        if work.component == checkout.name:
            for commit in work.commits:
                commit.apply(checkout)


@pytest.mark.parametrize("story", STORIES)
def test_its_own_tests_pass(checkout: Path, tmp_path: Path, story: str) -> None:
    develop(checkout, story)
    ran = run_tests(WEB, checkout, WEB.unit_tests, tmp_path, seconds=120)
    assert ran.counts.green, ran.failures
    assert ran.counts.total > 10


@scanner_programs.needs_semgrep
@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
def test_eslint_and_semgrep_find_nothing(checkout: Path, tmp_path: Path, story: str) -> None:
    develop(checkout, story)
    names = [str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()]
    scanners = (Eslint(), Semgrep())
    build_view(checkout, names, scanners, tmp_path / "view")
    for one in scanners:
        given = given_to(one, names)
        scanned = scan(one, given, tmp_path / "view", tmp_path)
        assert scanned.findings == []
        assert scanned.run.files == len(given) > 10


def test_a_wrong_program_would_be_noticed(checkout: Path, tmp_path: Path) -> None:
    page = checkout / "src" / "page.mjs"
    page.write_text(page.read_text("utf-8").replace('"<": "&lt;"', '"<": "<"'), "utf-8")
    ran = run_tests(WEB, checkout, WEB.unit_tests, tmp_path, seconds=120)
    assert not ran.counts.green


@pytest.mark.parametrize("story", STORIES)
def test_it_gets_ready_and_passes_its_functional_suite(checkout: Path, tmp_path: Path, story: str) -> None:
    develop(checkout, story)
    with started(checkout) as port:
        assert get(port, "/readyz") == (200, '{"ready":true}')
        env = {"TRADE_WEB_URL": f"http://127.0.0.1:{port}"}
        ran = run_tests(WEB, checkout, WEB.suites["functional"].path, tmp_path, seconds=120, env=env)
        assert ran.counts.green, ran.failures


def test_a_configuration_that_can_not_be_keeps_it_from_being_ready(checkout: Path) -> None:
    settings = checkout / "config" / "test.properties"
    settings.write_text(settings.read_text("utf-8").replace("600918", "60091"), "utf-8")
    with started(checkout) as port:
        status, text = get(port, "/readyz")
        assert status == 503
        assert "web.watchlist" in text


def test_the_same_commit_packs_to_the_same_bytes_and_describes_itself(checkout: Path) -> None:
    digests = []
    for year in (2020, 2026):
        for path in checkout.rglob("*"):
            os.utime(path, (year * 1_000_000, year * 1_000_000))
        node(checkout, "ci/stamp.mjs")
        digests.append(node(checkout, "ci/pack.mjs"))
    assert digests[0] == digests[1] != ""
    node(checkout, "ci/sbom.mjs")
    (checkout / "image-digest.txt").write_text("sha256:ab\n", "utf-8")
    (checkout / "package.described.json").write_text('{"path": 1}', "utf-8")
    node(checkout, "ci/describe.mjs")
    build = json.loads((checkout / "build.json").read_text("utf-8"))
    assert (build["component"], build["version"], build["commit"]) == ("trade-web", "1.0.0", "c" * 40)
    assert build["image"] == {"repository": "trading-dev/trade-web", "digest": "sha256:ab"}
    assert len(build["sbom"]["sha256"]) == 64


def test_its_pipeline_runs_for_the_api_alone_and_hands_over_all_results(checkout: Path) -> None:
    pipeline = yaml.safe_load((checkout / ".gitlab-ci.yml").read_text("utf-8"))
    assert not any("push" in rule["if"] for rule in pipeline["workflow"]["rules"])
    handed = set(pipeline["build-image"]["artifacts"]["paths"])
    assert handed == {
        "build.json",
        "image-digest.txt",
        "junit.xml",
        "package.described.json",
        "sbom.json",
    }


def node(checkout: Path, script: str) -> str:
    done = subprocess.run(
        [os.environ["HB_NODE"], script],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "CI_COMMIT_SHA": "c" * 40},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def started(checkout: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "TRADE_WEB_CONFIG": "config/test.properties",
    }
    command = [os.environ["HB_NODE"], "src/main.mjs"]
    with subprocess.Popen(command, cwd=checkout, env=variables, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def get(port: int, path: str) -> tuple[int, str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")
