"""A night of regression as one HTML page: the verdict, what is new, and everything that one asks next."""

from __future__ import annotations

from hummingbird.core.regression import NightReport
from hummingbird.reports.frame import page
from hummingbird.reports.markup import Markup, code, element, link, together
from hummingbird.reports.night_failures import failures, flaky, losses
from hummingbird.reports.night_tables import components, every_case, pods, slowest
from hummingbird.reports.night_trend import trend
from hummingbird.reports.night_words import Reader, duration


def night_page(report: NightReport, reader: Reader) -> bytes:
    """The page, UTF-8; every value from outside is escaped."""
    plan = report.plan
    return page(
        f"Nightly regression {plan.environment} {reader.time(report.opened_at)[:10]}",
        element("h1", f"Nightly regression · {plan.environment} · {reader.time(report.opened_at)[:10]}"),
        _origin(report, reader),
        _verdict(report),
        _tiles(report) if report.cases else "",
        failures(report, reader),
        flaky(report, reader),
        losses(report, reader),
        components(report, reader) if plan.components else "",
        slowest(report),
        trend(report, reader),
        pods(report),
        every_case(report),
    )


def _origin(report: NightReport, reader: Reader) -> Markup:
    started = f"Started by {report.plan.requester}" if report.plan.requester else "Started by schedule"
    times = f"{_times(report, reader)} ({reader.zone})"
    run = link(reader.run_page, together(["run ", code(report.plan.run)]))
    tools = (" · for tools: ", link(reader.junit, "JUnit XML")) if reader.junit else ()
    return element("p", started, " · ", times, " · ", run, *tools, class_="quiet")


def _times(report: NightReport, reader: Reader) -> str:
    if report.started_at is None:
        return f"queue filled {reader.time(report.opened_at)}, no case was handed out"
    if report.finished_at is None:
        return f"begun {reader.time(report.started_at)}, not finished"
    return f"{reader.time(report.started_at)} to {reader.time(report.finished_at)}"


def _verdict(report: NightReport) -> Markup:
    totals = report.totals
    if not report.cases:
        none = "no component that runs here brings a nightly suite"
        told = f"Nothing was selected: {none if not report.plan.components else 'the suites hold no case'}."
        return element("p", told, class_="verdict quiet")
    proof = (
        f"All {totals.selected} selected cases were executed."
        if totals.complete
        else f"{totals.selected - totals.executed} of {totals.selected} selected cases were NOT executed."
    )
    green = totals.complete and not totals.red
    new = f" {len(report.newly_failing)} newly failing." if report.newly_failing else ""
    head = element("span", "✓ Green: " if green else "✗ Red: ", class_="good" if green else "bad")
    return element(
        "p", head, f"{totals.sentence}.{new} ", element("span", proof, class_="quiet"), class_="verdict"
    )


def _tiles(report: NightReport) -> Markup:
    totals = report.totals
    counts: list[tuple[str, int, str]] = [
        ("selected", totals.selected, ""),
        ("executed", totals.executed, "" if totals.complete else "bad"),
        ("passed", totals.passed, "good"),
        ("failed", totals.failed, "bad"),
        ("timed out", totals.timed_out, "bad"),
        ("errors", totals.error, "bad"),
        ("flaky", totals.flaky, "warn"),
        ("skipped", totals.skipped, "quiet"),
    ]
    times: list[tuple[str, str]] = [
        ("first case to last result", duration(report.seconds) if report.finished_at else "–"),
        ("queued before", duration(report.queued_seconds)),
        ("work in all", duration(_work(report))),
    ]
    shared = _shared(report)
    if shared is not None:
        times.append((f"of {len(report.pods)} pods' time used", f"{shared:.0%}"))
    counted = [
        element("li", element("b", count, class_=(colour or None) if count else "quiet"), word)
        for word, count, colour in counts
    ]
    timed = [element("li", element("b", told), word) for word, told in times]
    lists = (element("ul", *counted, class_="tiles"), element("ul", *timed, class_="tiles times"))
    return together(lists)


def _work(report: NightReport) -> float:
    return sum(one.result.seconds for one in report.cases if one.result)


def _shared(report: NightReport) -> float | None:
    """Work in all ÷ (pods x makespan); None where a pod was lost or nothing ran, for it would mislead."""
    lost = any(one.losses for one in report.cases)
    if lost or not report.pods or report.seconds <= 0:
        return None
    return min(1.0, _work(report) / (len(report.pods) * report.seconds))
