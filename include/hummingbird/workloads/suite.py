"""The suite workload: runs a component's own tests against where it is deployed.

The pod runs in the environment's namespace: Kubernetes gives the tests their target by the service
environment (`ORDER_GATEWAY_SERVICE_HOST` and `_PORT`), the only thing of the pod's environment they see.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from hummingbird.clients.ticket import JobTicket
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.finding import SuiteReport
from hummingbird.core.job import SuiteJob
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.workloads.checkout import fetch
from hummingbird.workloads.mounted import GitlabAccess, access
from hummingbird.workloads.pod import work
from hummingbird.workloads.progress import say
from hummingbird.workloads.reports.store import ReportStore
from hummingbird.workloads.test_runners import run_tests

_SERVICE = re.compile(r"[A-Z][A-Z0-9_]*_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?")

HTML_PLUGINS = ("-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin")


def main(arguments: list[str]) -> int:
    """Do the ticket's suite; 0 when its report is posted."""
    if arguments:
        raise Invalid(f"suite takes its job from the ticket, not from arguments: {arguments[0]}")
    work(SuiteJob, suite)
    return 0


def suite(job: SuiteJob, _: JobTicket, scratch: Path) -> SuiteReport:
    """Check out the commit, run the suite, keep its page and JUnit file."""
    services = service_environment(dict(os.environ))
    require_target(job.component.name, services)
    checkout = fetch(access("gitlab", GitlabAccess), job.component.gitlab_project, job.commit, None, scratch)
    say(f"{job.component.name} {job.commit[:12]}: {job.name} suite against {job.environment}")
    page = scratch / "suite.html"
    ran = run_tests(
        job.component,
        checkout.folder,
        job.suite.path,
        scratch,
        seconds=job.suite.timeout_seconds,
        env=services,
        pytest_options=[*HTML_PLUGINS, f"--html={page}", "--self-contained-html"],
    )
    folder = f"suites/{job.component.name}/{job.bundle[:12]}/{job.environment}/{job.content_hash[:12]}"
    store = ReportStore(job.report_repository, folder)
    junit = [store.keep(path.stem, ".xml", path.read_bytes()) for path in sorted(scratch.glob("junit*.xml"))]
    # Node's runner writes no page: its JUnit file is the report.
    kept = store.keep(job.name, ".html", page.read_bytes()) if page.is_file() else next(iter(junit), None)
    counts = ran.counts
    sentence = f"{job.name} suite in {job.environment}: {counts.total} tests, {counts.failed} failed"
    say(outcome_line(Outcome.DONE, f"{sentence}; {kept.url if kept else 'no report was written'}"))
    return SuiteReport(
        component=job.component.name,
        bundle=job.bundle,
        environment=job.environment,
        suite=job.name,
        counts=counts,
        failures=ran.failures,
        seconds=round(ran.seconds, 3),
        report_url=kept.url if kept else None,
        report_sha256=kept.sha256 if kept else None,
    )


def service_environment(environment: dict[str, str]) -> dict[str, str]:
    """The addresses of the namespace's services, without the API server's."""
    return {
        name: value
        for name, value in environment.items()
        if _SERVICE.fullmatch(name) and not name.startswith("KUBERNETES_")
    }


def require_target(component: str, services: dict[str, str]) -> None:
    """NotFound when the namespace has no service of the component."""
    name = f"{component.upper().replace('-', '_')}_SERVICE_HOST"
    if name not in services:
        raise NotFound(f"{component} has no service in this namespace: {name} is not set; deploy it first")
