"""A baseline covers what was there, while two others stand for it and its time has not come; nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import COMMIT, NOW, a_finding, a_scan, the_facts
from hummingbird.core.baseline import Acceptance, Baseline, BaselineRule, coverage, known
from hummingbird.core.finding import Finding, Severity
from hummingbird.core.gate import State
from hummingbird.gates import findings_clear
from hummingbird.paths import feedback

RULE = BaselineRule()
OLD = a_finding(Severity.HIGH)
BOTH = [
    Acceptance(person="test_lead", role="test_lead", at=NOW),
    Acceptance(person="compliance", role="compliance", at=NOW),
]


def a_baseline(**changes: Any) -> Baseline:
    """order-gateway's, accepted, with one finding."""
    fields: dict[str, Any] = {
        "component": "order-gateway",
        "commit": COMMIT,
        "taken_at": NOW - timedelta(days=1),
        "owner": "developer",
        "expires_at": NOW + timedelta(days=89),
        "accepted_by": BOTH,
        "findings": known([OLD]),
    }
    return Baseline(**{**fields, **changes})


def answer(baseline: Baseline, *findings: Finding) -> tuple[State, str]:
    """What the gate says of a scan with these findings beside the baseline."""
    facts = the_facts(scans=[a_scan(findings=list(findings))], baselines=[baseline], now=NOW)
    told = findings_clear.check(facts)
    return told.state, told.why


def test_an_accepted_baseline_covers_its_findings_and_the_gate_tells_count_owner_and_expiry() -> None:
    state, why = answer(a_baseline(), OLD)
    assert state is State.OPEN
    assert "1 known findings in the baseline of developer, until 2027-02-20" in why


def test_a_finding_that_only_moved_to_another_line_is_still_covered() -> None:
    assert answer(a_baseline(), OLD.model_copy(update={"line": 300}))[0] is State.OPEN


REFUSED = [
    ("nobody accepted", {"accepted_by": []}, "test_lead and compliance must accept it"),
    ("one accepted", {"accepted_by": BOTH[:1]}, "compliance must accept it"),
    (
        "the owner is one of the two",
        {"owner": "compliance"},
        "compliance must accept it",
    ),
    (
        "one person in two roles",
        {"accepted_by": [BOTH[0], Acceptance(person="test_lead", role="compliance", at=NOW)]},
        "compliance must accept it",
    ),
    ("expired this very moment", {"expires_at": NOW}, "expired on 2026-11-23"),
]


@pytest.mark.parametrize(
    ("changes", "why"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_baseline_that_does_not_hold_covers_nothing(changes: dict[str, Any], why: str) -> None:
    state, told = answer(a_baseline(**changes), OLD)
    assert state is State.REFUSED
    assert "1 high findings" in told
    assert why in told


def test_a_new_finding_beside_the_baseline_blocks_and_is_the_one_that_is_named() -> None:
    new = a_finding(Severity.LOW).model_copy(update={"fingerprint": "f2", "path": "src/new.py"})
    state, why = answer(a_baseline(), OLD, new)
    assert state is State.REFUSED
    assert "1 low findings, such as hb.python.x in src/new.py" in why


def test_the_same_fingerprint_once_more_than_in_the_baseline_is_new() -> None:
    state, why = answer(a_baseline(), OLD, OLD)
    assert state is State.REFUSED
    assert "1 high findings" in why


def test_another_component_s_baseline_covers_nothing() -> None:
    assert answer(a_baseline(component="quote-service"), OLD)[0] is State.REFUSED


def test_a_commit_with_known_findings_alone_is_green_and_says_so() -> None:
    report = a_scan(findings=[OLD])
    found = coverage(report.findings, a_baseline(), RULE, NOW)
    assert feedback.is_green(report, found)
    assert feedback.scan_sentence(report, found).startswith("no finding, 1 known findings in the baseline")
    assert "hb.python.x" not in feedback.scan_note(report, found)


def test_a_commit_with_a_void_baseline_is_not_green_and_says_why() -> None:
    report = a_scan(findings=[OLD])
    found = coverage(report.findings, a_baseline(accepted_by=[]), RULE, NOW)
    assert not feedback.is_green(report, found)
    assert "must accept it" in feedback.scan_sentence(report, found)
