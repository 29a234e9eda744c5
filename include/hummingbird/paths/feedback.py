"""Tell the developer and the story what happened, once, in their own places."""

from __future__ import annotations

from hummingbird.core.approval import RequestStatus
from hummingbird.core.baseline import Coverage
from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.deployment import Standing
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Tracker
from hummingbird.core.story import StoryKey, mentioned_stories

_SHOWN = 30


def scan_note(report: ScanReport, found: Coverage | None = None) -> str:
    """Markdown for the merge request: the verdict first, then each finding with how to reproduce it."""
    lines = [f"**Scan of `{report.commit[:8]}` ({report.mode})**: {scan_sentence(report, found)}", ""]
    blocking = report.findings if found is None else found.new
    for finding in blocking[:_SHOWN]:
        lines.append(f"- **{finding.severity.value}** `{finding.path}:{finding.line}` {finding.message}")
        lines.append(f"  - {finding.scanner} `{finding.rule}`; reproduce: `{finding.reproduce}`")
    if len(blocking) > _SHOWN:
        lines.append(f"- … and {len(blocking) - _SHOWN} more in the report")
    lines += [f"- unit test failed: `{name}`" for name in report.unit_failures[:_SHOWN]]
    if report.report_url:
        lines += ["", f"[Report]({report.report_url})"]
    return "\n".join(lines)


def scan_sentence(report: ScanReport, found: Coverage | None = None) -> str:
    """One sentence: findings that block, what the baseline says, unit tests."""
    blocking = report.findings if found is None else found.new
    parts = [f"{len(blocking)} findings" if blocking else "no finding"]
    if found is not None and found.sentence:
        parts.append(found.sentence)
    tests = report.unit_tests
    return ", ".join([*parts, f"{tests.passed} of {tests.total} unit tests passed"])


def is_green(report: ScanReport, found: Coverage | None = None) -> bool:
    """No finding that blocks, and unit tests ran and passed."""
    return not (report.findings if found is None else found.new) and report.unit_tests.green


def tell_scan(
    code: CodeHost,
    tracker: Tracker,
    plan: Plan,
    project: str,
    report: ScanReport,
    page: str,
    found: Coverage | None = None,
) -> None:
    """Commit status, merge request note, and the report on the story."""
    planned = plan.components[0]
    state = "success" if is_green(report, found) else "failed"
    sentence = scan_sentence(report, found)
    code.set_status(project, planned.commit, f"hummingbird/scan-{report.mode}", state, sentence, page)
    number = _merge_request_of(code, project, planned)
    if number is not None:
        code.note_once(project, number, "hummingbird:scan", scan_note(report, found))
    if report.report_url:
        tracker.link_once(
            plan.story.key,
            f"hummingbird:scan:{report.component}",
            report.report_url,
            f"Scan {report.component} {report.commit[:8]}: {sentence}",
        )


def tell_deployment(
    tracker: Tracker, plan: Plan, environment: str, standing: Standing, sha256: str, page: str
) -> None:
    """The deployment's place on the story, one link for each environment and cluster."""
    did = "rollback of" if plan.dag_id == "rollback" else "deployment of"
    tracker.link_once(
        plan.story.key,
        f"hummingbird:deployment:{environment}:{standing.cluster}",
        page,
        f"{environment}/{standing.cluster}: {standing.state}, {did} {sha256[:12]}",
    )


def tell_suite(tracker: Tracker, plan: Plan, report: SuiteReport) -> None:
    """The suite's report on the story."""
    if report.report_url:
        tracker.link_once(
            plan.story.key,
            f"hummingbird:suite:{report.environment}:{report.component}:{report.suite}",
            report.report_url,
            f"{report.suite} tests in {report.environment}: "
            f"{report.counts.passed} of {report.counts.total} passed",
        )


def tell_rejection(catalogue: Catalogue, tracker: Tracker, status: RequestStatus, bundle: Bundle) -> None:
    """Tell the requester and the authors of a rejected bundle, once, on the story, with the reason."""
    request = status.request
    emails = sorted({email for component in bundle.components for email in component.authors})
    people = [catalogue.persons.get(request.requester or ""), *(catalogue.person_of(email=e) for e in emails)]
    heard = dict.fromkeys(person.jira for person in people if person is not None and person.jira)
    mentions = " ".join(f"[~{account}]" for account in heard)
    what = f"{request.operation} of bundle {request.bundle[:12]} to {request.environment}"
    text = f"{mentions} {what}: {status.why}".strip()
    tracker.comment_once(request.story, f"hummingbird:rejected:{status.id}", text)


def _merge_request_of(code: CodeHost, project: str, planned: PlannedComponent) -> int | None:
    """The merge request that is at the planned commit; it may have been opened after the push.

    One that has moved on hears from the scan of its present commit, not from an old one that ends late.
    """
    if not planned.branch:
        return planned.merge_request
    found = code.merge_requests(project, planned.branch)
    mine = [request.iid for request in found if request.commit == planned.commit]
    return planned.merge_request if planned.merge_request in mine else next(iter(mine), None)


def merge_request_urls(code: CodeHost, project: str, story: StoryKey, branch: str) -> list[tuple[str, str]]:
    """(source branch, address) of the merge requests of a branch and of those named after the story."""
    named = [head.name for head in code.branches(project) if story in mentioned_stories(head.name)]
    found = []
    for source in dict.fromkeys([*named, branch] if branch else named):
        found += [(source, request.url) for request in code.merge_requests(project, source)[:1]]
    return found
