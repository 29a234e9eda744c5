"""The Python components: their own tests pass, scanners find nothing, they pack to the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from hummingbird.scanners.scanner import RULES
from hummingbird.scanners.semgrep import FILES
from sandbox.seed.baseline import SOURCES
from sandbox.seed.stories import WRITTEN, commits_for

LISTING = "新增可交易证券 601318 中国平安"
STORIES = ["", ",".join([*reversed(WRITTEN), "HB-110"])]
MORE = [",".join(WRITTEN), "HB-101!crash", "HB-101!readiness", "HB-101!smoke"]
PYTHON = ("order-gateway", "quote-service")
of_both = pytest.mark.parametrize("component", PYTHON, indirect=True)


def develop(checkout: Path, stories: str) -> None:
    for story in filter(None, stories.split(",")):
        key, _, fail = story.partition("!")
        for work in commits_for(key, LISTING, fail):
            if work.component == checkout.name:
                for commit in work.commits:
                    commit.apply(checkout)


@of_both
@pytest.mark.parametrize("stories", [*STORIES, *(pytest.param(one, marks=pytest.mark.long) for one in MORE)])
def test_its_own_tests_pass_and_scanners_find_nothing(checkout: Path, run, stories: str) -> None:
    develop(checkout, stories)
    tests = run(sys.executable, "-m", "pytest", "tests", "-q", "--junitxml=junit.xml")
    assert tests.returncode == 0, tests.stdout
    assert " passed" in tests.stdout
    ruff = run("ruff", "check", "--isolated", "--no-cache", ".")
    assert ruff.returncode == 0, ruff.stdout
    bandit = run("bandit", "--quiet", "--recursive", ".")
    assert bandit.returncode == 0, bandit.stdout


@of_both
@pytest.mark.long
def test_semgrep_finds_nothing_with_the_platforms_rules(checkout: Path, run, pytestconfig) -> None:
    root = pytestconfig.rootpath
    rules = [RULES / name for name in FILES]
    semgrep = root / ".venv-semgrep" / "bin" / "semgrep"
    if not semgrep.exists():
        pytest.skip("semgrep is not installed")
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


@of_both
@pytest.mark.parametrize("stories", ["", ",".join(WRITTEN)])
def test_its_contract_is_a_valid_openapi_document_of_its_version(checkout: Path, stories: str) -> None:
    develop(checkout, stories)
    contract = yaml.safe_load((checkout / "openapi.yaml").read_text("utf-8"))
    validate(contract)
    assert contract["info"]["version"] == (checkout / "VERSION").read_text("utf-8").strip()


@of_both
def test_its_pipeline_runs_for_the_api_alone_and_hands_over_all_results(checkout: Path) -> None:
    pipeline = yaml.safe_load((checkout / ".gitlab-ci.yml").read_text("utf-8"))
    assert pipeline["stages"] == ["test", "package", "image"]
    assert '$CI_PIPELINE_SOURCE == "api"' in [rule["if"] for rule in pipeline["workflow"]["rules"]]
    assert not any("push" in rule["if"] for rule in pipeline["workflow"]["rules"])
    handed = set(pipeline["build-image"]["artifacts"]["paths"])
    assert handed == {"build.json", "image-digest.txt", "junit.xml", "package.json", "sbom.json"}


@of_both
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


@of_both
def test_the_build_is_described_by_its_digests(checkout: Path, run) -> None:
    for name, text in (
        ("image-digest.txt", "sha256:ab\n"),
        ("sbom.json", "{}"),
        ("package.json", '{"path":1}'),
    ):
        (checkout / name).write_text(text, "utf-8")
    assert run("python3", "ci/describe.py", CI_COMMIT_SHA="c" * 40).returncode == 0
    build = json.loads((checkout / "build.json").read_text("utf-8"))
    assert (build["component"], build["version"], build["commit"]) == (checkout.name, "1.0.0", "c" * 40)
    assert build["image"] == {"repository": f"trading-dev/{checkout.name}", "digest": "sha256:ab"}
    assert len(build["sbom"]["sha256"]) == 64


@of_both
def test_nothing_but_the_standard_library_is_imported_at_run_time(checkout: Path, run) -> None:
    module = checkout.name.replace("-", "_")
    script = f"import sys; sys.path.insert(0, 'src'); import {module}.__main__"
    assert run(sys.executable, "-I", "-S", "-c", script).returncode == 0


@pytest.mark.parametrize(
    ("component", "stories", "environment"),
    [
        ("order-gateway", "", "test"),
        ("order-gateway", "HB-103,HB-102,HB-101", "test"),
        ("order-gateway", "HB-101!smoke", "test"),
        ("quote-service", "", "test"),
        ("quote-service", "HB-101,HB-102", "test"),
    ],
    indirect=["component"],
)
def test_it_gets_ready_and_passes_its_functional_suite(
    checkout: Path, run, stories: str, environment: str
) -> None:
    develop(checkout, stories)
    with started(checkout, environment) as (process, port):
        assert readiness(port)[0] == 200
        name = checkout.name.upper().replace("-", "_")
        suite = run(
            *(sys.executable, "-m", "pytest", "tests_functional", "-q"),
            **{f"{name}_URL": f"http://127.0.0.1:{port}"},
        )
        assert suite.returncode == 0, suite.stdout
        process.terminate()
        assert process.wait(30) == 0


def test_both_together_keep_the_limits_and_quantities_of_quotes(tmp_path: Path, run) -> None:
    folders = {name: tmp_path / "both" / name for name in PYTHON}
    for name, folder in folders.items():
        shutil.copytree(SOURCES / name, folder)
        develop(folder, "HB-101,HB-102")
    quotes = started(folders["quote-service"], "test")
    with quotes as (_, quote_port):
        readiness(quote_port)
        where = {"QUOTE_SERVICE_SERVICE_HOST": "127.0.0.1", "QUOTE_SERVICE_SERVICE_PORT": str(quote_port)}
        with started(folders["order-gateway"], "test", **where) as (_, port):
            readiness(port)
            suite = subprocess.run(
                [sys.executable, "-m", "pytest", "tests_functional", "-q"],
                cwd=folders["order-gateway"],
                env={**os.environ, **where, "ORDER_GATEWAY_URL": f"http://127.0.0.1:{port}"},
                check=False, capture_output=True, text=True, timeout=120,
            )  # fmt: skip
            assert suite.returncode == 0, suite.stdout
            assert "skipped" not in suite.stdout


@pytest.mark.parametrize("environment", ["dev", "test", "prod"])
@pytest.mark.parametrize("fail", ["crash", "readiness", "smoke"])
def test_a_mistake_shows_in_production_alone(checkout: Path, fail: str, environment: str) -> None:
    develop(checkout, f"HB-101!{fail}")
    with started(checkout, environment) as (process, port):
        if environment == "prod" and fail == "crash":
            assert process.wait(30) == 1
            return
        ready, why = readiness(port)
        assert ready == (503 if environment == "prod" and fail == "readiness" else 200), why
        version = get(port, "/version")[0]
        assert version == (404 if environment == "prod" and fail == "smoke" else 200)


@contextmanager
def started(folder: Path, environment: str, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program of a checkout, with an environment's configuration, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    module = folder.name.replace("-", "_")
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "src",
        "PORT": str(port),
        f"{module.upper()}_CONFIG": f"config/{environment}.properties",
        "HUMMINGBIRD_ENVIRONMENT": environment,
        **more,
    }
    program = [sys.executable, "-B", "-m", module]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(program, cwd=folder, env=variables, stdout=quiet, stderr=quiet) as process:
        try:
            yield process, port
        finally:
            process.terminate()
            process.wait(30)


def readiness(port: int) -> tuple[int, str]:
    """Status and text of /readyz, as soon as a first configuration was looked at."""
    while True:
        status, text = get(port, "/readyz")
        if "no configuration has been loaded yet" not in text:
            return status, text
        time.sleep(0.05)


def get(port: int, path: str) -> tuple[int, str]:
    """Status and text of an answer, as soon as the port answers."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")
