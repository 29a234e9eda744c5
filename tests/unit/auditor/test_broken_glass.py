"""An emergency's rows hold, and the verifier says what is owed; what breaks the rule of two is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from auditor.decisions import Decisions
from auditor.signed import Broken
from postgres import LedgerDatabase
from unit.auditor.evidence_file import Act, EvidenceFile
from unit.notary.emergency_world import Emergency, emergency_world
from unit.notary.scene import READER, bearer


@pytest.fixture(scope="module")
def made(module_ledger: LedgerDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emergency]:
    """A glass that was broken, and evidence from before and from after its review."""
    with emergency_world(module_ledger, tmp_path_factory.mktemp("notary")) as emergency:
        emergency.begin()
        yield emergency


@pytest.fixture(scope="module")
def owed(made: Emergency, tmp_path_factory: pytest.TempPathFactory) -> EvidenceFile:
    identity = made.break_glass()
    file = _fetched(made, tmp_path_factory)
    made.review(identity, "compliance")
    return file


@pytest.fixture(scope="module")
def reviewed(made: Emergency, owed: EvidenceFile, tmp_path_factory: pytest.TempPathFactory) -> EvidenceFile:
    return _fetched(made, tmp_path_factory)


def _fetched(made: Emergency, folders: pytest.TempPathFactory) -> EvidenceFile:
    path = folders.mktemp("evidence") / "HB-101.evidence.jsonl"
    path.write_bytes(made.scene.client.get("/evidence/HB-101", headers=bearer(READER)).content)
    return EvidenceFile(path, made.scene.office.key.public_base64)


def replay(file: EvidenceFile, *, without: str = "", **change: Act) -> Decisions:
    """What the rows tell, and what is owed at their end."""
    decisions = file.replay(without=without, **change)
    decisions.glass.owed()
    return decisions


def test_the_file_tells_who_broke_what_and_that_nobody_has_looked_yet(
    owed: EvidenceFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert owed.check() == 0
    told = capsys.readouterr().out
    assert "past window_open, by release_manager and operations_approver" in told
    assert "OWED: nobody has looked at the glass broken for OPS-" in told


def test_after_the_review_nothing_is_owed(reviewed: EvidenceFile, capsys: pytest.CaptureFixture[str]) -> None:
    assert reviewed.check() == 0
    told = capsys.readouterr().out
    assert "compliance found it justified" in told
    assert "OWED" not in told


def test_a_warrant_past_gates_without_the_row_that_says_so_is_named(reviewed: EvidenceFile) -> None:
    with pytest.raises(Broken, match="glass that no row before it breaks"):
        replay(reviewed, without="emergency.used")

    def drop_both(event: dict[str, Any]) -> None:
        event["kind"] = "dev.cdeventsx.hummingbird-other.used.0.1.0"

    with pytest.raises(Broken, match="passed shut gates, and no row says that it did"):
        replay(reviewed, emergency__used=drop_both, emergency__reviewed=drop_both)


def test_who_broke_it_and_looked_at_it_too_is_named(reviewed: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["review"]["person"] = "operations_approver"

    with pytest.raises(Broken, match="operations_approver broke the glass and looked at it too"):
        replay(reviewed, emergency__reviewed=act)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("requester", "operations", "other people are named than asked and signed"),
        ("signers", ["compliance"], "other people are named than asked and signed"),
        ("warrant", "0" * 32, "no warrant before it is for"),
    ],
)
def test_a_use_that_names_others_is_named(
    reviewed: EvidenceFile, field: str, value: object, why: str
) -> None:
    def act(event: dict[str, Any]) -> None:
        event["data"]["use"][field] = value

    with pytest.raises(Broken, match=why):
        replay(reviewed, emergency__used=act)


def test_an_emergency_that_people_were_not_asked_about_is_named(reviewed: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        if event["data"]["request"]["emergency"]:
            event["data"]["request"]["emergency"]["incident"] = "OPS-1"

    with pytest.raises(Broken, match="for another emergency than people were asked about"):
        replay(reviewed, approval__created=act)


def test_one_person_s_emergency_is_named(reviewed: EvidenceFile) -> None:
    def act(event: dict[str, Any]) -> None:
        if event["data"]["request"]["emergency"]:
            event["data"]["request"]["requester"] = None

    with pytest.raises(Broken, match="broken by fewer than two people"):
        replay(reviewed, approval__created=act)
