"""No open finding, whatever its severity: the case study blocks on high, medium and low alike.

Findings of an accepted, unexpired baseline are known, counted and told; they do not block.
"""

from __future__ import annotations

from collections import Counter

from hummingbird.core.baseline import Coverage
from hummingbird.core.finding import ScanReport
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused
from hummingbird.gates.reports import best_scan, coverage_of, needs_full_scan

GATE = "findings_clear"


def check(facts: Facts) -> Answer:
    """Open when each component's commit has a complete scan without findings; else refuses."""
    known: list[str] = []
    for component in facts.bundle.components:
        report = best_scan(facts, component)
        if report is None:
            kind = "full scan" if needs_full_scan(facts) else "scan"
            return refused(
                GATE, f"{component.name} {component.commit[:8]} has no {kind}; run one for this commit"
            )
        empty = [run.scanner for run in report.scanners if run.rules == 0]
        if not report.scanners or empty:
            which = ", ".join(empty) or "no scanner"
            return refused(GATE, f"the scan of {component.name} proves nothing: {which} ran without rules")
        found = coverage_of(facts, report)
        if found.new:
            return refused(GATE, _count(component.name, report, found))
        if found.covered:
            known.append(f"{component.name} has {found.sentence}")
    return is_open(GATE, "; ".join(["no open finding in any component", *known]))


def _count(name: str, report: ScanReport, found: Coverage) -> str:
    counts = Counter(finding.severity.value for finding in found.new)
    parts = ", ".join(
        f"{counts[severity]} {severity}" for severity in ("high", "medium", "low") if counts[severity]
    )
    worst = found.new[0]
    sentence = (
        f"{name} {report.commit[:8]} has {parts} findings, such as {worst.rule} in {worst.path}:{worst.line}"
    )
    return f"{sentence}; {found.sentence}" if found.sentence else sentence
