"""The scan workload: one commit, scanners and unit tests, one report. A doubt is an error, never `clean`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.baseline import coverage
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.finding import ScanReport, TestCounts
from hummingbird.core.job import ScanJob
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.scanners.registry import scanner
from hummingbird.scanners.scanner import Scanner
from hummingbird.workloads.checkout import Checkout, fetch
from hummingbird.workloads.junit import TestRun
from hummingbird.workloads.mounted import GitlabAccess, access
from hummingbird.workloads.pod import work
from hummingbird.workloads.programs.tests_run import run_command
from hummingbird.workloads.programs.world import prepare
from hummingbird.workloads.progress import say
from hummingbird.workloads.reports.page import scan_page
from hummingbird.workloads.reports.sarif import merged_sarif
from hummingbird.workloads.reports.store import ReportStore
from hummingbird.workloads.scan_view import belonging, build_view, given_to
from hummingbird.workloads.scanning import Scanned, scan_all
from hummingbird.workloads.test_runners import run_tests

UNIT_TEST_SECONDS = 600.0


def main(arguments: list[str]) -> int:
    """Do the ticket's scan; 0 when its report is posted."""
    if arguments:
        raise Invalid(f"scan takes its job from the ticket, not from arguments: {arguments[0]}")
    work(ScanJob, scan)
    return 0


def scan(job: ScanJob, _: JobTicket, scratch: Path) -> ScanReport:
    """Check out, scan and test side by side, keep the reports."""
    began = time.monotonic()
    scanners = [scanner(name) for name in dict.fromkeys(job.scanners)]
    if not scanners:
        raise Invalid(f"no scanner is named for {job.component.name}; no scan is not a clean one")
    gitlab = access("gitlab", GitlabAccess)
    checkout, names = _checkout(job, gitlab, scratch, scanners)
    say(f"{job.component.name} {job.commit[:12]}: {job.mode} scan of {len(names)} files")
    if job.mode == "full":
        _require_files(scanners, names, job)
    view = scratch / "view"
    build_view(checkout.folder, names, scanners, view)
    with ThreadPoolExecutor(max_workers=1) as beside:
        testing = beside.submit(_unit_tests, job, checkout, scratch)
        scanned = scan_all(scanners, names, view, scratch)
        tests = testing.result()
    say(f"unit tests: {tests.counts.total}, failed {tests.counts.failed}, skipped {tests.counts.skipped}")
    report = _report(job, scanned, tests).model_copy(update={"seconds": round(time.monotonic() - began, 3)})
    report = _keep(report, job, f"{gitlab.url.rstrip('/')}/{job.component.gitlab_project}")
    say(outcome_line(Outcome.DONE, _sentence(report)))
    return report


def _checkout(
    job: ScanJob, gitlab: GitlabAccess, scratch: Path, scanners: Sequence[Scanner]
) -> tuple[Checkout, list[str]]:
    """The checkout and the files to scan; without a usable base an incremental scan takes all files."""
    project = job.component.gitlab_project
    base = job.base if job.mode == "incremental" else None
    if base is not None:
        try:
            checkout = fetch(gitlab, project, job.commit, base, scratch)
            return checkout, belonging(scanners, checkout.changed_since(base), checkout.files())
        except NotFound as error:
            say(f"the base {base[:12]} is gone, so all files are scanned: {error}")
            scratch = scratch / "again"
            scratch.mkdir()
    checkout = fetch(gitlab, project, job.commit, None, scratch)
    return checkout, checkout.files()


def _require_files(scanners: Sequence[Scanner], names: list[str], job: ScanJob) -> None:
    for each in scanners:
        if not each.of_project and not given_to(each, names):
            raise Invalid(
                f"{each.name} is to scan {job.component.name} and finds no file of its languages; "
                "check the component's languages in the catalogue"
            )


def _unit_tests(job: ScanJob, checkout: Checkout, scratch: Path) -> TestRun:
    place = scratch / "unit-tests"
    place.mkdir()
    component = job.component
    try:
        world = prepare(checkout.folder, component.languages, place, tests=True)
    except Invalid as error:
        return TestRun(TestCounts(total=1, failed=1, skipped=0), [str(error)], 0.0)
    if component.unit_test_command:
        home = place / "tests-home"
        home.mkdir()
        return run_command(
            checkout.folder, component.unit_test_command, home, seconds=UNIT_TEST_SECONDS, env=world.env
        )
    # The project's own pytest plugins count once it says what it needs; the toolbox's never do.
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "" if world.brings_packages else "1"}
    return run_tests(
        component,
        checkout.folder,
        component.unit_tests,
        place,
        seconds=UNIT_TEST_SECONDS,
        env={**world.env, **plugins},
    )


def _report(job: ScanJob, scanned: list[Scanned], tests: TestRun) -> ScanReport:
    return ScanReport(
        component=job.component.name,
        commit=job.commit,
        mode=job.mode,
        base=job.base,
        scanners=[each.run for each in scanned],
        findings=[finding for each in scanned for finding in each.findings],
        unit_tests=tests.counts,
        unit_failures=tests.failures,
    )


def _keep(report: ScanReport, job: ScanJob, repository_url: str) -> ScanReport:
    folder = f"scans/{report.component}/{report.commit[:12]}/{job.content_hash[:12]}"
    store = ReportStore(job.report_repository, folder)
    sarif = store.keep("findings", ".sarif", merged_sarif(report, repository_url))
    found = coverage(report.findings, job.baseline, job.baseline_rule, datetime.now(UTC))
    page = store.keep("scan", ".html", scan_page(report, job.component.title, sarif.url, found))
    return report.model_copy(update={"report_url": page.url, "report_sha256": page.sha256})


def _sentence(report: ScanReport) -> str:
    return (
        f"{report.component} {report.commit[:12]}: {len(report.findings)} findings, "
        f"{report.unit_tests.total} unit tests, {report.unit_tests.failed} failed; {report.report_url}"
    )
