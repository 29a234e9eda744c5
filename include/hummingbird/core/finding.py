"""What a scanner or a unit test found wrong in a commit."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.canonical import content_hash
from hummingbird.core.record import Record


class Severity(StrEnum):
    """How bad a finding is; the gate blocks on high, medium and low alike."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(Record):
    """One problem at one place; the fingerprint stays the same while the code around it moves."""

    scanner: str
    rule: str
    severity: Severity
    path: str
    line: int
    message: str
    fingerprint: str
    reproduce: str
    """The command that shows it on a developer's machine."""


class ScannerRun(Record):
    """Proof that a scanner really ran: its version, how many rules, how many files."""

    scanner: str
    version: str
    rules: int = Field(ge=0)
    rules_hash: Sha256
    files: int = Field(ge=0)
    seconds: float


class TestCounts(Record):
    """Totals of one test run."""

    __test__ = False
    total: int = Field(ge=0)
    failed: int = Field(ge=0)
    skipped: int = Field(ge=0)

    @property
    def passed(self) -> int:
        """Tests that ran and did not fail."""
        return self.total - self.failed - self.skipped

    @property
    def green(self) -> bool:
        """At least one test ran and none failed."""
        return self.total - self.skipped > 0 and self.failed == 0


class ScanReport(Record):
    """The result of the scan workload for one commit."""

    component: str
    commit: Commit
    mode: str
    """`incremental` (files changed since `base`) or `full`."""
    base: Commit | None = None
    scanners: list[ScannerRun]
    findings: list[Finding]
    unit_tests: TestCounts
    unit_failures: list[str] = Field(default_factory=list)
    seconds: float = 0.0
    """Wall time of the whole workload."""
    report_url: str | None = None
    report_sha256: Sha256 | None = None

    @property
    def rules_hash(self) -> str:
        """Names the rules of all scanners together."""
        return content_hash(sorted((r.scanner, r.version, r.rules_hash) for r in self.scanners))


class SuiteReport(Record):
    """The result of one suite of one component against one bundle in one environment."""

    component: str
    bundle: Sha256
    environment: str
    suite: str
    counts: TestCounts
    failures: list[str] = Field(default_factory=list)
    seconds: float
    report_url: str | None = None
    report_sha256: Sha256 | None = None
