"""Pods that judge: a commit is scanned, suites run against what was deployed."""

from __future__ import annotations

from datetime import datetime, timedelta

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.event import EventKind
from hummingbird.core.finding import Finding, ScannerRun, ScanReport, Severity, SuiteReport, TestCounts
from hummingbird.history.delivery import Delivery
from hummingbird.history.lane import Lane
from hummingbird.history.runs import Run

_STORE = "https://synthetic.example/store/reports-local"
_RULES = {"semgrep": 30, "bandit": 33, "ruff": 97, "eslint": 61}


def scan(way: Delivery, lane: Lane, run: Run, mode: str, *, red: bool = False) -> datetime:
    """The pod of a scan run; when it was done. A queue first, longer when everybody pushes."""
    planned = run.plan.components[0]
    chance = way.chance
    share = 1.0 if mode == "full" else chance.between(0.12, 0.3)
    seconds = round(chance.around(lane.made.scan_seconds * share, 0.3), 3)
    at = run.started_at + timedelta(seconds=chance.around(18.0, 0.8) + seconds)
    failed = chance.whole(1, 4) if red and chance.happens(0.5) else 0
    findings = [_finding(way, lane) for _ in range(chance.whole(1, 5))] if red and not failed else []
    report = ScanReport(
        component=lane.name,
        commit=planned.commit,
        mode=mode,
        base=planned.base if mode == "incremental" else None,
        scanners=_scanners(way, lane, seconds),
        findings=findings,
        unit_tests=TestCounts(total=lane.made.tests + lane.minor, failed=failed, skipped=0),
        unit_failures=[f"tests/test_{lane.made.language}.py::test_case_{n}" for n in range(failed)],
        seconds=seconds,
        report_url=f"{_STORE}/scans/{lane.name}/{planned.commit[:12]}/{mode}.html",
        report_sha256=sha256_hex(f"{run.name}/report".encode()),
    )
    job = sha256_hex(f"{run.name}/scan".encode())
    way.told.tell(
        at,
        EventKind.SCAN_FINISHED,
        f"job:{job}",
        planned.commit,
        f"job:{job}",
        {"report": report.document(), "rules": sha256_hex(b"the rules of an invented scan")},
        story=run.story.key,
        component=lane.name,
        run=run.name,
    )
    return at


def suite(way: Delivery, lane: Lane, run: Run, bundle: str, at: datetime, *, red: bool) -> datetime:
    """The functional suite of a component against what was just deployed to test; when it was done."""
    seconds = round(way.chance.around(4.0 * lane.made.cases, 0.3), 3)
    failed = way.chance.whole(1, max(1, lane.made.cases // 8)) if red else 0
    report = SuiteReport(
        component=lane.name,
        bundle=bundle,
        environment=str(run.plan.environment),
        suite="functional",
        counts=TestCounts(total=lane.made.cases, failed=failed, skipped=0),
        failures=[f"tests_functional/test_orders.py::test_case_{n}" for n in range(failed)],
        seconds=seconds,
        report_url=f"{_STORE}/suites/{lane.name}/{bundle[:12]}/functional.html",
        report_sha256=sha256_hex(f"{run.name}/{lane.name}/functional".encode()),
    )
    done = at + timedelta(seconds=8 + seconds)
    job = sha256_hex(f"{run.name}/{lane.name}/suite".encode())
    way.told.tell(
        done,
        EventKind.SUITE_FINISHED,
        f"job:{job}",
        f"{lane.name}/functional",
        f"job:{job}",
        {"report": report.document()},
        story=run.story.key,
        bundle=bundle,
        component=lane.name,
        environment=run.plan.environment,
        run=run.name,
    )
    return done


def _scanners(way: Delivery, lane: Lane, seconds: float) -> list[ScannerRun]:
    return [
        ScannerRun(
            scanner=name,
            version="1.0",
            rules=_RULES.get(name, 10),
            rules_hash=sha256_hex(name.encode()),
            files=20 + lane.minor,
            seconds=round(seconds / 4, 3),
        )
        for name in way.catalogue.scanners[lane.made.language]
    ]


def _finding(way: Delivery, lane: Lane) -> Finding:
    scanner = way.catalogue.scanners[lane.made.language][0]
    path, line = f"src/part_{way.chance.whole(1, 9)}.py", way.chance.whole(3, 400)
    return Finding(
        scanner=scanner,
        rule="synthetic.rule",
        severity=way.chance.one_of(list(Severity)),
        path=path,
        line=line,
        message="an invented finding",
        fingerprint=way.chance.hex(16),
        reproduce=f"{scanner} {path}",
    )
