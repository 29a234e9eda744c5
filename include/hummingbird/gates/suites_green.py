"""The suites of the previous environment ran against this very bundle and are green."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "suites_green"


def check(facts: Facts) -> Answer:
    """Open when every component has a green report of at least one suite in the previous environment."""
    previous = facts.environment.previous
    total = 0
    for component in facts.bundle.components:
        reports = [
            report
            for report in facts.suites
            if report.component == component.name
            and report.bundle == facts.bundle.sha256
            and report.environment == previous
        ]
        if not reports:
            return refused(GATE, f"no suite of {component.name} ran against this bundle in {previous}")
        newest = {report.suite: report for report in reports}
        for report in newest.values():
            if not report.counts.green:
                first = report.failures[0] if report.failures else "no test ran"
                return refused(
                    GATE, f"{report.suite} of {component.name} is not green in {previous}: {first}"
                )
            total += report.counts.total
    return is_open(GATE, f"{total} suite tests are green in {previous}")
