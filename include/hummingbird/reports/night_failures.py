"""What went wrong in a night: every attempt with its log and requests, and the stories to look at."""

from __future__ import annotations

from collections.abc import Sequence

from hummingbird.core.regression import Attempt, Case, CaseOutcome, Loss, NightCase, NightReport
from hummingbird.reports.markup import Markup, code, element, together
from hummingbird.reports.night_words import (
    SIGNS,
    Reader,
    case_name,
    case_place,
    duration,
    is_red,
    outcome,
    outcome_of,
)

MOST_CARDS = 100
"""Cases that are told with logs; the others are named."""
OPENED = 5
"""Cards of a section whose first attempt is told at once; the others open when somebody asks."""
MOST_REQUESTS = 60
LONGEST_LOG = 20_000
"""Characters of an attempt's log, its end."""


def failures(report: NightReport, reader: Reader) -> Markup:
    """What nobody executed, then newly failing cases, then those that failed before."""
    new = {one.case for one in report.newly_failing}
    red = [one for one in report.cases if is_red(one)]
    missed = [one for one in red if one.result is None]
    told = [one for one in red if one.result is not None]
    newly = [one for one in told if one.case in new]
    still = [one for one in told if one.case not in new]
    room = max(0, MOST_CARDS - len(newly))
    return together(
        [
            _section("not-executed", "Not executed", missed, report, reader, MOST_CARDS),
            _section("newly-failing", "Newly failing", newly, report, reader, MOST_CARDS),
            _section("still-failing", "Still failing", still, report, reader, room),
        ]
    )


def flaky(report: NightReport, reader: Reader) -> Markup:
    """Cases that failed and passed when they were tried again: named, and told like failures."""
    found = report.of(CaseOutcome.FLAKY)
    return _section("flaky", "Flaky", found, report, reader, MOST_CARDS, "card flaky")


def losses(report: NightReport, reader: Reader) -> Markup:
    """Pods that took a case and were not heard of again; empty when there were none."""
    lost = [(one, loss) for one in report.cases for loss in one.losses]
    if not lost:
        return Markup()
    items = [element("li", _loss(one.case, loss, reader)) for one, loss in lost]
    return together([element("h2", f"Lost pods ({len(lost)})", id="losses"), element("ul", *items)])


def _loss(case: Case, loss: Loss, reader: Reader) -> Markup:
    until = f"was handed on at {reader.time(loss.lost_at)}: {loss.why} (job "
    name = code(case.name.rpartition("::")[2])
    return together([f"{case.component}: ", name, f" {until}", code(loss.job[:12]), ")"])


def _section(
    anchor: str,
    title: str,
    cases: Sequence[NightCase],
    report: NightReport,
    reader: Reader,
    most: int,
    class_: str = "card",
) -> Markup:
    if not cases:
        return Markup()
    rest = cases[most:]
    names = element(
        "ul",
        *(
            element("li", outcome(outcome_of(one)), " ", case_name(one), " in ", case_place(one))
            for one in rest
        ),
    )
    more = (element("p", f"And {len(rest)} more, without their logs:"), names) if rest else ()
    cards = [
        _card(one, report, reader, class_, opened=place < OPENED) for place, one in enumerate(cases[:most])
    ]
    return together([element("h2", f"{title} ({len(cases)})", id=anchor), *cards, *more])


def _card(one: NightCase, report: NightReport, reader: Reader, class_: str, *, opened: bool) -> Markup:
    component = report.plan.component(one.case.component)
    stories = reader.story_links(component.stories) if component else Markup("–")
    version = f"{component.version} " if component else ""
    bundle = together([f" · {version}bundle ", code(component.bundle[:12])]) if component else ""
    message = one.result.message if one.result else "it was selected, and no pod reported it"
    attempts = one.result.attempts if one.result else []
    return element(
        "article",
        element("h3", case_name(one)),
        element("p", case_place(one), class_="quiet"),
        element("p", outcome(outcome_of(one)), f" {message}"),
        element("p", "Stories in the bundle: ", stories, bundle, _history(one), class_="quiet"),
        *(
            _attempt(number, each, reader, message, opened=opened and number == 1)
            for number, each in enumerate(attempts, start=1)
        ),
        class_=class_,
    )


def _history(one: NightCase) -> Markup:
    """How it ended in the nights before, oldest on the left."""
    if not one.before:
        return Markup(" · never ran before")
    signs = [element("span", SIGNS[kind][0], class_=SIGNS[kind][2]) for kind in reversed(one.before)]
    words = ", ".join(SIGNS[kind][1] for kind in reversed(one.before))
    return together(
        [" · nights before: ", element("span", *signs, title=words, aria_label=words, role="img")]
    )


def _attempt(number: int, attempt: Attempt, reader: Reader, known: str, *, opened: bool) -> Markup:
    head = (
        f"Attempt {number}: ",
        outcome(attempt.outcome),
        f" after {duration(attempt.seconds)} in pod ",
        code(attempt.pod),
        f", begun {reader.time(attempt.started_at)}",
    )
    if attempt.outcome is CaseOutcome.PASSED and not (attempt.log or attempt.requests):
        return element("p", *head)
    return element(
        "details",
        element("summary", *head),
        element("p", attempt.message) if attempt.message != known else "",
        _requests(attempt),
        _log(attempt.log),
        open="" if opened else None,
    )


def _requests(attempt: Attempt) -> Markup:
    requests = attempt.requests
    if not requests:
        gone = attempt.outcome in (CaseOutcome.TIMED_OUT, CaseOutcome.ERROR)
        told = "Its requests, if it made any, ended with it." if gone else "No request was logged."
        return element("p", told, class_="quiet")
    left_out = len(requests) - MOST_REQUESTS
    lines = [f"({left_out} earlier requests are left out)"] if left_out > 0 else []
    shown = "\n".join([*lines, *requests[-MOST_REQUESTS:]])
    return together([element("p", f"Requests ({len(requests)})", class_="quiet"), element("pre", shown)])


def _log(log: str) -> Markup:
    if not log:
        return Markup()
    shown = log if len(log) <= LONGEST_LOG else f"(its beginning is left out)\n{log[-LONGEST_LOG:]}"
    return together([element("p", "Log", class_="quiet"), element("pre", shown)])
