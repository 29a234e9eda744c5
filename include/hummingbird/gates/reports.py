"""Which scan report counts for a component of the bundle."""

from __future__ import annotations

from hummingbird.core.baseline import Coverage, coverage
from hummingbird.core.bundle import BundleComponent
from hummingbird.core.finding import ScanReport
from hummingbird.core.gate import Facts


def needs_full_scan(facts: Facts) -> bool:
    """Releases need a full scan; development, which nothing precedes, takes the scan of the push."""
    return facts.environment.previous is not None


def best_scan(facts: Facts, component: BundleComponent) -> ScanReport | None:
    """The report of exactly this commit: a full one, or any where a full one is not needed."""
    found = [s for s in facts.scans if s.component == component.name and s.commit == component.commit]
    full = [report for report in found if report.mode == "full"]
    if full:
        return full[-1]
    return found[-1] if found and not needs_full_scan(facts) else None


def coverage_of(facts: Facts, report: ScanReport) -> Coverage:
    """The report's findings, told apart by the component's baseline."""
    baseline = next((one for one in facts.baselines if one.component == report.component), None)
    return coverage(report.findings, baseline, facts.baseline_rule, facts.now)
