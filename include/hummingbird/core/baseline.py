"""What was wrong with a component on the day it joined: dated, owned, accepted by two people, and expiring.

A baseline makes joining possible without hiding anything: its findings stay in every report, they stop no
release while the baseline holds, and everything new blocks from the first day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import AwareDatetime, Field

from hummingbird.core.artifact import Commit
from hummingbird.core.finding import Finding, Severity
from hummingbird.core.record import Record


class KnownFinding(Record):
    """One finding that was there; the same fingerprint as often as it was found."""

    fingerprint: str
    scanner: str
    rule: str
    severity: Severity
    path: str


class Acceptance(Record):
    """One person's word, in one role, that the component may join with these findings."""

    person: str
    role: str
    at: AwareDatetime


class BaselineRule(Record):
    """Who must accept a baseline, one distinct person for every role, and how many days it may hold."""

    roles: list[str] = Field(default_factory=lambda: ["test_lead", "compliance"], min_length=2)
    days: int = Field(default=90, ge=1)


class Baseline(Record):
    """The findings of one component at one commit."""

    component: str
    commit: Commit
    taken_at: AwareDatetime
    owner: str
    """Catalogue person who answers for bringing them down; never one of those who accept."""
    expires_at: AwareDatetime
    accepted_by: list[Acceptance] = Field(default_factory=list)
    findings: list[KnownFinding]

    def missing_roles(self, rule: BaselineRule) -> list[str]:
        """Roles of the rule for which no distinct person but the owner has accepted."""
        spent: set[str] = {self.owner}
        missing = []
        for role in rule.roles:
            person = next(
                (a.person for a in self.accepted_by if a.role == role and a.person not in spent), None
            )
            if person is None:
                missing.append(role)
            else:
                spent.add(person)
        return missing

    def why_void(self, rule: BaselineRule, now: datetime) -> str | None:
        """Why it covers nothing now; None while it holds."""
        missing = self.missing_roles(rule)
        if missing:
            return (
                f"the baseline of {self.component} is not accepted: {' and '.join(missing)} must accept it "
                f"(hummingbird baseline accept {self.component} --person NAME)"
            )
        if now >= self.expires_at:
            return (
                f"the baseline of {self.component} expired on {self.expires_at.date()}; "
                f"its owner {self.owner} mends the findings, or takes another and has it accepted"
            )
        return None


class Coverage(Record):
    """A report's findings told apart: what blocks, and how many are known and accepted for a while."""

    new: list[Finding]
    covered: int = 0
    owner: str | None = None
    expires_at: AwareDatetime | None = None
    void: str | None = None
    """Why there is a baseline and it covers nothing."""

    @property
    def sentence(self) -> str:
        """What people are told of the baseline; empty where there is none."""
        if self.void is not None:
            return self.void
        if self.owner is None or self.expires_at is None:
            return ""
        return (
            f"{self.covered} known findings in the baseline of {self.owner}, until {self.expires_at.date()}"
        )


def coverage(
    findings: Sequence[Finding], baseline: Baseline | None, rule: BaselineRule, now: datetime
) -> Coverage:
    """Tell findings apart; the same fingerprint is covered as often as the baseline has it, not oftener."""
    if baseline is None:
        return Coverage(new=list(findings))
    void = baseline.why_void(rule, now)
    if void is not None:
        return Coverage(new=list(findings), void=void)
    left = Counter(known.fingerprint for known in baseline.findings)
    new = [finding for finding in findings if not _take(left, finding.fingerprint)]
    return Coverage(
        new=new,
        covered=len(findings) - len(new),
        owner=baseline.owner,
        expires_at=baseline.expires_at,
    )


def known(findings: Iterable[Finding]) -> list[KnownFinding]:
    """Findings as a baseline keeps them, in a fixed order."""
    kept = [
        KnownFinding(
            fingerprint=finding.fingerprint,
            scanner=finding.scanner,
            rule=finding.rule,
            severity=finding.severity,
            path=finding.path,
        )
        for finding in findings
    ]
    return sorted(kept, key=lambda one: (one.path, one.scanner, one.rule, one.fingerprint))


def _take(left: Counter[str], fingerprint: str) -> bool:
    if left[fingerprint] <= 0:
        return False
    left[fingerprint] -= 1
    return True
