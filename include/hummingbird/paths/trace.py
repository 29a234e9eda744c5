"""A story's way from commit to production, told from the ledger alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from hummingbird.core.approval import Approval, Withdrawal
from hummingbird.core.artifact import Build
from hummingbird.core.deployment import ClusterState, DeployReport, Standing
from hummingbird.core.emergency import REVIEW_PATH, Review, Use
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey

Span = tuple[datetime, datetime]

DEPLOYED = (
    EventKind.DEPLOYMENT_FINISHED,
    EventKind.DEPLOYMENT_ROLLED_BACK,
    EventKind.DEPLOYMENT_FAILED,
)


class Step(Record):
    """One line of the trace."""

    at: datetime
    what: str
    detail: str
    sequence: int
    """Row of the ledger."""


class Trace(Record):
    """All steps of a story, and where its time went, in seconds."""

    story: StoryKey
    steps: list[Step]
    elapsed: float
    working: float
    """Pods and pipelines."""
    people: float
    """Waiting for signatures."""
    orchestration: float
    """Runs that were under way while neither pods nor pipelines worked nor people were waited for."""


def trace(story: StoryKey, events: list[RecordedEvent]) -> Trace:
    """The trace of a story's events, oldest first."""
    steps = [step for event in events for step in _steps(event)]
    runs = _merged(span for event in events for span in _run_span(event))
    work = _merged(span for event in events for span in _work_span(event))
    people = _merged(_people_spans(events))
    busy = _merged([*work, *people])
    elapsed = _total(runs)
    return Trace(
        story=story,
        steps=steps,
        elapsed=elapsed,
        working=_total(work),
        people=_total(_merged([*busy])) - _total(work),
        orchestration=max(0.0, elapsed - _total(_within(busy, runs))),
    )


def render(told: Trace) -> str:
    """The trace as plain text for a terminal."""
    lines = [f"Trace of {told.story}", ""]
    for step in told.steps:
        lines.append(f"  {step.at:%H:%M:%S}  {step.what:<22} {step.detail}")
    share = 100 * told.orchestration / told.elapsed if told.elapsed else 0.0
    lines += [
        "",
        f"  runs under way {told.elapsed:.0f} s: pods and pipelines {told.working:.0f} s, "
        f"people {told.people:.0f} s, orchestration {told.orchestration:.0f} s ({share:.0f} %)",
    ]
    return "\n".join(lines)


def _steps(recorded: RecordedEvent) -> Iterable[Step]:
    describe = _DESCRIBED.get(recorded.event.kind)
    if describe is not None:
        what, detail = describe(recorded.event)
        yield Step(at=recorded.at, what=what, detail=detail, sequence=recorded.sequence)


def _glass(event: DeliveryEvent) -> tuple[str, str]:
    use = Use.model_validate(event.data["use"])
    return "glass broken", f"{use.told}; review until {use.review_due_at:%Y-%m-%d %H:%M} UTC"


def _review(event: DeliveryEvent) -> tuple[str, str]:
    review = Review.model_validate(event.data["review"])
    return "glass reviewed", f"{review.person}: {_word(review)}: {review.finding}"


def _word(review: Review) -> str:
    return "justified" if review.justified else "not justified"


def _scan(event: DeliveryEvent) -> tuple[str, str]:
    scan = ScanReport.model_validate(event.data["report"])
    tests = f"{scan.unit_tests.passed} of {scan.unit_tests.total} unit tests"
    return f"scan {scan.mode}", f"commit {scan.commit}: {len(scan.findings)} findings, {tests}"


def _build(event: DeliveryEvent) -> tuple[str, str]:
    build = Build.model_validate(event.data["build"])
    return "build", f"{build.component} {build.version}: {build.image.digest}"


def _approval(event: DeliveryEvent) -> tuple[str, str]:
    given = Approval.model_validate(event.data["approval"])
    return "approval", f"{given.person} as {given.role}: {given.decision.value}"


def _promotion(event: DeliveryEvent) -> tuple[str, str]:
    images = ", ".join(f"{image['repository']}@{image['digest']}" for image in event.data["images"])
    return "promoted", f"{event.cluster}: {images}"


def _deployment(event: DeliveryEvent) -> tuple[str, str]:
    if "report" not in event.data:  # no pod lived to tell: the notary closed the deployment itself
        return "abandoned", f"{event.environment}/{event.cluster}: {event.data.get('why', 'its pod is gone')}"
    report = DeployReport.model_validate(event.data["report"])
    digests = ", ".join(f"{c.name} {c.digest}" for c in report.components)
    where = f"{report.environment}/{report.cluster}"
    return report.outcome.value.replace("_", " "), f"{where}: {digests or report.reason}"


def _rollout(event: DeliveryEvent) -> tuple[str, str]:
    found = [Standing.model_validate(standing) for standing in event.data["clusters"]]
    states = ", ".join(f"{one.cluster} {one.state if one.begun else 'not started'}" for one in found)
    whys = [f"{one.cluster}: {one.why}" for one in found if one.state is not ClusterState.OK]
    return "clusters", "; ".join([f"{event.environment}: {states}", *whys])


def _suite(event: DeliveryEvent) -> tuple[str, str]:
    suite = SuiteReport.model_validate(event.data["report"])
    passed = f"{suite.counts.passed} of {suite.counts.total} passed"
    return f"{suite.suite} tests", f"{suite.environment}: {passed}"


def _withdrawn(event: DeliveryEvent) -> str:
    return f"{event.environment}: {Withdrawal.model_validate(event.data['withdrawal']).sentence}"


_DESCRIBED: dict[EventKind, Callable[[DeliveryEvent], tuple[str, str]]] = {
    EventKind.SCAN_FINISHED: _scan,
    EventKind.BUILD_FINISHED: _build,
    EventKind.BUNDLE_SEALED: lambda event: ("bundle sealed", str(event.bundle)),
    EventKind.APPROVAL_ANSWERED: _approval,
    EventKind.APPROVAL_WITHDRAWN: lambda event: ("withdrawn", _withdrawn(event)),
    EventKind.ARTIFACTS_PROMOTED: _promotion,
    EventKind.EMERGENCY_USED: _glass,
    EventKind.EMERGENCY_REVIEWED: _review,
    EventKind.EMERGENCY_OVERDUE: lambda event: ("review overdue", str(event.data["sentence"])),
    EventKind.WARRANT_ISSUED: lambda event: ("warrant", f"{event.environment}: bundle {event.bundle}"),
    EventKind.DEPLOYMENT_FINISHED: _deployment,
    EventKind.DEPLOYMENT_ROLLED_BACK: _deployment,
    EventKind.DEPLOYMENT_FAILED: _deployment,
    EventKind.ROLLOUT_CONCLUDED: _rollout,
    EventKind.SUITE_FINISHED: _suite,
    EventKind.RUN_REFUSED: lambda event: ("refused", str(event.data["why"])),
    EventKind.RELEASE_TAGGED: lambda event: ("tagged", event.subject),
    EventKind.CHANGE_MERGED: lambda event: ("merged", f"{event.component} into {event.data['target']}"),
    EventKind.CHANGE_LEFT_OPEN: lambda event: (
        "left open",
        f"{event.component} into {event.data['target']}: {event.data['why']}",
    ),
    EventKind.STORY_CLOSED: lambda event: ("story closed", event.subject),
}


def _run_span(recorded: RecordedEvent) -> Iterable[Span]:
    # Looking at broken glass afterwards is no part of the delivery.
    looked = str(recorded.event.run).startswith(f"{REVIEW_PATH}/")
    if recorded.event.kind is EventKind.RUN_FINISHED and not looked:
        yield datetime.fromisoformat(recorded.event.data["started_at"]), recorded.at


def _work_span(recorded: RecordedEvent) -> Iterable[Span]:
    data = recorded.event.data
    if recorded.event.kind is EventKind.BUILD_FINISHED:
        seconds = float(data["build"].get("pipeline_seconds", 0.0))
        yield recorded.at - timedelta(seconds=seconds), recorded.at
    elif recorded.event.kind in (EventKind.SCAN_FINISHED, EventKind.SUITE_FINISHED):
        yield recorded.at - timedelta(seconds=float(data["report"]["seconds"])), recorded.at
    elif recorded.event.kind in DEPLOYED and "report" in data:
        report = DeployReport.model_validate(data["report"])
        yield report.started_at, report.finished_at


def _people_spans(events: list[RecordedEvent]) -> Iterable[Span]:
    asked: dict[str, datetime] = {}
    for recorded in events:
        if recorded.event.kind is EventKind.APPROVAL_ASKED:
            asked[recorded.event.subject] = recorded.at
        elif recorded.event.kind is EventKind.APPROVAL_ANSWERED:
            given = Approval.model_validate(recorded.event.data["approval"])
            if given.request in asked:
                yield asked[given.request], given.answered_at


def _merged(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _within(spans: list[Span], frame: list[Span]) -> list[Span]:
    cut = []
    for begin, end in spans:
        for low, high in frame:
            if begin < high and low < end:
                cut.append((max(begin, low), min(end, high)))
    return _merged(cut)


def _total(spans: Iterable[Span]) -> float:
    return sum((end - begin).total_seconds() for begin, end in spans)
