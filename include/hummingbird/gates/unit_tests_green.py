"""Unit tests of exactly the commit that travels, run and green."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused
from hummingbird.gates.reports import best_scan

GATE = "unit_tests_green"


def check(facts: Facts) -> Answer:
    """Open when every component's unit tests ran and none failed; no test at all refuses."""
    total = 0
    for component in facts.bundle.components:
        report = best_scan(facts, component)
        if report is None:
            return refused(GATE, f"{component.name} {component.commit[:8]} has no unit test result")
        counts = report.unit_tests
        if counts.total - counts.skipped == 0:
            return refused(GATE, f"{component.name} {component.commit[:8]} ran no unit test")
        if counts.failed:
            first = report.unit_failures[0] if report.unit_failures else "see the report"
            return refused(
                GATE, f"{counts.failed} of {counts.total} unit tests of {component.name} failed: {first}"
            )
        total += counts.total
    return is_open(GATE, f"{total} unit tests are green")
