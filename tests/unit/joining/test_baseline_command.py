"""`hummingbird baseline`: taken with the real scanners, accepted by two others, an edit of one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from builders import CATALOGUE_FOLDER
from hummingbird.__main__ import main
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.finding import Finding, Severity
from hummingbird.joining import baseline
from unit.sandbox.onboarding.repositories import git, repository

NAME = "fund-page"


@pytest.fixture
def more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second catalogue folder with one component, as onboarding leaves it."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    shipped = yaml.safe_load((CATALOGUE_FOLDER / "components.yaml").read_text("utf-8"))
    entry = {key: value for key, value in shipped["order-gateway"].items() if key != "calls"}
    entry = {**entry, "gitlab_project": f"trading/{NAME}", "apollo": {"app": NAME}}
    (folder / "components.yaml").write_text(yaml.safe_dump({NAME: entry}, allow_unicode=True), "utf-8")
    monkeypatch.setenv("HUMMINGBIRD_CATALOG", f"{CATALOGUE_FOLDER}:{folder}")
    return folder


@pytest.fixture
def taken(more: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A baseline with one finding."""
    found = Finding(
        scanner="bandit",
        rule="B101",
        severity=Severity.LOW,
        path="a.py",
        line=1,
        message="assert",
        fingerprint="f1",
        reproduce="bandit a.py",
    )
    monkeypatch.setattr(baseline, "findings_of", lambda *_: [found])
    assert take(tmp_path) == 0
    return more / "baselines" / f"{NAME}.yaml"


def take(checkout: Path, *more: str) -> int:
    where = ["--checkout", str(checkout), "--commit", "1" * 40, "--owner", "developer"]
    return main(["baseline", "take", NAME, *where, *more])


def accept(person: str) -> int:
    return main(["baseline", "accept", NAME, "--person", person])


def test_a_taken_baseline_is_dated_owned_expiring_and_not_accepted(
    taken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = yaml.safe_load(taken.read_text("utf-8"))
    assert document["owner"] == "developer"
    assert document["accepted_by"] == []
    held = datetime.fromisoformat(document["expires_at"]) - datetime.fromisoformat(document["taken_at"])
    assert held.days == 90
    assert main(["baseline", "show", NAME]) == 1
    assert "test_lead and compliance must accept it" in capsys.readouterr().out


def test_two_others_accept_and_then_it_holds(taken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (accept("test_lead"), accept("compliance")) == (0, 0)
    assert "it is accepted and holds" in capsys.readouterr().out
    assert main(["baseline", "show", NAME]) == 0
    held = load_catalogue(CATALOGUE_FOLDER, taken.parents[1]).baselines[NAME]
    assert held.why_void(load_catalogue(CATALOGUE_FOLDER).baseline, datetime.now(UTC)) is None


NO = [
    (["developer"], "developer owns the baseline"),
    (["test_lead", "test_lead"], "test_lead accepted the baseline of fund-page already"),
    (["auditor"], "auditor holds none of the roles that are missing: test_lead or compliance"),
    (["nobody"], "no person is named nobody"),
]


@pytest.mark.parametrize(("people", "why"), NO)
def test_who_may_not_accept_is_refused_and_the_file_stays(
    taken: Path, capsys: pytest.CaptureFixture[str], people: list[str], why: str
) -> None:
    *first, last = people
    assert [accept(person) for person in first] == [0] * len(first)
    before = taken.read_text("utf-8")
    assert accept(last) == 2
    assert why in capsys.readouterr().err
    assert taken.read_text("utf-8") == before


def test_a_longer_time_than_the_rule_allows_is_refused(
    taken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(tmp_path, "--days", "91") == 2
    assert "a baseline holds for 1 to 90 days" in capsys.readouterr().err


def test_nothing_found_needs_no_baseline(
    taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(baseline, "findings_of", lambda *_: [])
    assert take(tmp_path) == 0
    assert "no baseline is needed" in capsys.readouterr().out
    assert not taken.exists()


def test_the_scanners_see_the_commit_and_not_what_lies_about(tmp_path: Path) -> None:
    clone = repository(tmp_path / "clone", {"clean.py": "VALUE = 1\n"})
    (clone / "dirty.py").write_text("import pickle\npickle.loads(b'')\n", "utf-8")
    assert baseline.findings_of(clone, git(clone, "rev-parse", "HEAD").strip(), ["bandit"]) == []
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "second")
    found = baseline.findings_of(clone, git(clone, "rev-parse", "HEAD").strip(), ["bandit"])
    assert {finding.path for finding in found} == {"dirty.py"}
