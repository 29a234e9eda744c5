"""order-gateway itself: its own tests pass, scanners find nothing, and it packs to the same bytes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from sandbox.seed.stories import WRITTEN, commits_for

LISTING = "新增可交易证券 601318 中国平安"
STORIES = ["", ",".join(WRITTEN), ",".join([*reversed(WRITTEN), "HB-110"])]


def develop(checkout: Path, stories: str) -> None:
    for story in filter(None, stories.split(",")):
        for commit in commits_for(story, LISTING).commits:
            commit.apply(checkout)


@pytest.mark.parametrize("stories", STORIES)
def test_its_own_tests_pass_and_scanners_find_nothing(checkout: Path, run, stories: str) -> None:
    develop(checkout, stories)
    tests = run(sys.executable, "-m", "pytest", "tests", "-q", "--junitxml=junit.xml")
    assert tests.returncode == 0, tests.stdout
    assert " passed" in tests.stdout
    ruff = run("ruff", "check", "--isolated", "--no-cache", ".")
    assert ruff.returncode == 0, ruff.stdout
    bandit = run("bandit", "--quiet", "--recursive", ".")
    assert bandit.returncode == 0, bandit.stdout


def test_semgrep_finds_nothing_with_the_platforms_rules(checkout: Path, run, pytestconfig) -> None:
    root = pytestconfig.rootpath
    rules = sorted((root / "include" / "hummingbird" / "scanners").rglob("*.y*ml"))
    semgrep = root / ".venv-semgrep" / "bin" / "semgrep"
    if not rules or not semgrep.exists():
        pytest.skip("semgrep or its rules are not installed")
    develop(checkout, ",".join(WRITTEN))
    configs = [word for rule in rules for word in ("--config", str(rule))]
    found = run(
        str(semgrep), "scan", "--metrics=off", "--disable-version-check", "--json", "--quiet", *configs, "."
    )
    assert json.loads(found.stdout)["results"] == []


def test_a_wrong_program_would_be_noticed(checkout: Path, run) -> None:
    lot = checkout / "src" / "order_gateway" / "rules" / "lot.py"
    lot.write_text(lot.read_text("utf-8").replace("== 0", ">= 0"), "utf-8")
    assert run(sys.executable, "-m", "pytest", "tests", "-q").returncode == 1


@pytest.mark.parametrize("stories", ["", ",".join(WRITTEN)])
def test_its_contract_is_a_valid_openapi_document_of_its_version(checkout: Path, stories: str) -> None:
    develop(checkout, stories)
    contract = yaml.safe_load((checkout / "openapi.yaml").read_text("utf-8"))
    validate(contract)
    assert contract["info"]["version"] == (checkout / "VERSION").read_text("utf-8").strip()


def test_its_pipeline_runs_for_the_api_alone_and_hands_over_all_results(checkout: Path) -> None:
    pipeline = yaml.safe_load((checkout / ".gitlab-ci.yml").read_text("utf-8"))
    assert pipeline["stages"] == ["test", "package", "image"]
    assert '$CI_PIPELINE_SOURCE == "api"' in [rule["if"] for rule in pipeline["workflow"]["rules"]]
    assert not any("push" in rule["if"] for rule in pipeline["workflow"]["rules"])
    handed = set(pipeline["build-image"]["artifacts"]["paths"])
    assert handed == {"build.json", "image-digest.txt", "junit.xml", "package.json", "sbom.json"}


def test_the_same_commit_packs_to_the_same_bytes(checkout: Path, run) -> None:
    digests = []
    for year in (2020, 2026):
        for path in checkout.rglob("*"):
            os.utime(path, (year * 1_000_000, year * 1_000_000))
        assert run("python3", "ci/stamp.py", CI_COMMIT_SHA="c" * 40).returncode == 0
        digests.append(run("python3", "ci/pack.py", CI_COMMIT_SHA="c" * 40).stdout)
    assert digests[0] == digests[1] != ""
    assert run("python3", "ci/stamp.py", CI_COMMIT_SHA="d" * 40).returncode == 0
    assert run("python3", "ci/pack.py", CI_COMMIT_SHA="d" * 40).stdout != digests[0]


def test_the_build_is_described_by_its_digests(checkout: Path, run) -> None:
    for name, text in (
        ("image-digest.txt", "sha256:ab\n"),
        ("sbom.json", "{}"),
        ("package.json", '{"path":1}'),
    ):
        (checkout / name).write_text(text, "utf-8")
    assert run("python3", "ci/describe.py", CI_COMMIT_SHA="c" * 40).returncode == 0
    build = json.loads((checkout / "build.json").read_text("utf-8"))
    assert (build["component"], build["version"], build["commit"]) == ("order-gateway", "1.0.0", "c" * 40)
    assert build["image"] == {"repository": "trading-dev/order-gateway", "digest": "sha256:ab"}
    assert len(build["sbom"]["sha256"]) == 64


def test_nothing_but_the_standard_library_is_imported_at_run_time(checkout: Path, run) -> None:
    script = "import sys; sys.path.insert(0, 'src'); import order_gateway.__main__"
    assert run(sys.executable, "-I", "-S", "-c", script).returncode == 0


@pytest.mark.parametrize(
    ("stories", "environment"),
    [("", "prod"), ("HB-101,HB-102", "dev"), ("HB-103", "dev"), ("HB-103", "test"), ("HB-103", "prod")],
)
def test_it_gets_ready_and_passes_its_functional_suite(
    checkout: Path, run, stories: str, environment: str
) -> None:
    develop(checkout, stories)
    ready = not (stories == "HB-103" and environment == "prod")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "src",
        "PORT": str(port),
        "ORDER_GATEWAY_CONFIG": f"config/{environment}.properties",
    }
    program = [sys.executable, "-B", "-m", "order_gateway"]
    with subprocess.Popen(program, cwd=checkout, env=variables, stdout=subprocess.DEVNULL) as process:
        try:
            status, why = readiness(port)
            assert (status == 200) is ready, why
            if ready and environment != "prod":
                suite = run(
                    *(sys.executable, "-m", "pytest", "tests_functional", "-q"),
                    ORDER_GATEWAY_URL=f"http://127.0.0.1:{port}",
                )
                assert suite.returncode == 0, suite.stdout
            if not ready:
                assert "breaker.notional.warn" in why
        finally:
            process.terminate()
        assert process.wait(30) == 0


def readiness(port: int) -> tuple[int, str]:
    """Status and text of /readyz, as soon as the port answers."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")
