"""The tables of a night: what was tested, what was slow, which pods worked, how every case ended."""

from __future__ import annotations

from itertools import groupby

from hummingbird.core.regression import NightCase, NightComponent, NightReport, totals_of
from hummingbird.reports.markup import Markup, code, element, table, together
from hummingbird.reports.night_words import Reader, case_name, duration, outcome, outcome_of

SLOWEST = 15
MOST_ROWS = 5000
"""Cases that the page lists; the JUnit file has them all."""


def components(report: NightReport, reader: Reader) -> Markup:
    """What was tested: version, bundle and stories of each component, and how its cases ended."""
    rows = [_component(each, report, reader) for each in report.plan.components]
    head = ("Component", "Version", "Commit", "Bundle", "Stories in the bundle", "Result")
    caption = f"What ran in {report.plan.environment}, cluster {report.plan.cluster}, when the night began"
    return together([element("h2", "What was tested", id="components"), table(caption, head, rows)])


def slowest(report: NightReport) -> Markup:
    """The cases that took longest, with what was expected of them."""
    ran = [one for one in report.cases if one.result is not None]
    found = sorted(ran, key=_seconds, reverse=True)[:SLOWEST]
    if not found:
        return Markup()
    rows = [
        (
            one.case.component,
            case_name(one),
            outcome(outcome_of(one)),
            duration(_seconds(one)),
            duration(one.expected.seconds),
            one.expected.source.value,
        )
        for one in found
    ]
    head = ("Component", "Case", "Outcome", "#Took", "#Expected", "Expected from")
    caption = "All attempts of a case together; the expectation decided when it was handed out"
    return together([element("h2", f"Slowest {len(found)}", id="slowest"), table(caption, head, rows)])


def pods(report: NightReport) -> Markup:
    """How the work was shared; a lost pod has no row here."""
    if not report.pods:
        return Markup()
    rows = [
        (code(each.pod), each.cases, each.taken_away, duration(each.busy_seconds), duration(each.seconds))
        for each in report.pods
    ]
    head = ("Pod", "#Cases", "#Taken away", "#Busy", "#Lived")
    caption = "Pods that came to their end; a case is taken away when its pod was not heard of for too long"
    return together([element("h2", "Pods", id="pods"), table(caption, head, rows)])


def every_case(report: NightReport) -> Markup:
    """All selected cases by component and suite, closed until somebody wants them."""
    if not report.cases:
        return Markup()
    ordered = sorted(report.cases, key=_place)
    shown, rest = ordered[:MOST_ROWS], len(ordered) - MOST_ROWS
    groups = [_group(*place, list(cases)) for place, cases in groupby(shown, key=_suite)]
    more = element("p", f"And {rest} more, all of them in the JUnit file.") if rest > 0 else ""
    return together([element("h2", f"Every case ({len(ordered)})", id="cases"), *groups, more])


def _component(each: NightComponent, report: NightReport, reader: Reader) -> tuple[object, ...]:
    its = [one for one in report.cases if one.case.component == each.name]
    totals = totals_of(outcome_of(one) for one in its)
    title = reader.titles.get(each.name)
    name = (
        together([each.name, element("br"), element("span", title, class_="quiet")]) if title else each.name
    )
    colour = "good" if totals.complete and not totals.red else "bad"
    if its:
        told = element("span", totals.sentence, class_=colour)
    else:
        told = element("span", "no case was selected", class_="warn")
    commit, bundle = code(each.commit[:12]), code(each.bundle[:12])
    return name, each.version, commit, bundle, reader.story_links(each.stories), told


def _group(component: str, suite: str, cases: list[NightCase]) -> Markup:
    totals = totals_of(outcome_of(one) for one in cases)
    rows = [(outcome(outcome_of(one)), code(one.case.name), duration(_seconds(one))) for one in cases]
    listed = table(f"{component}, {suite}", ("Outcome", "Case", "#Took"), rows)
    return element("details", element("summary", f"{component} · {suite}: {totals.sentence}"), listed)


def _seconds(one: NightCase) -> float:
    return one.result.seconds if one.result else 0.0


def _suite(one: NightCase) -> tuple[str, str]:
    return one.case.component, one.case.suite


def _place(one: NightCase) -> tuple[str, str, str]:
    return (*_suite(one), one.case.name)
