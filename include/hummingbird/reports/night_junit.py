"""A night as JUnit XML: one `testsuite` for each component's suite, one `testcase` a case.

A flaky case passes here, as JUnit has no word for it, and carries a `flakyFailure` for each attempt that
did not, as Maven Surefire writes it. What was not executed is an error.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from hummingbird.core.regression import Attempt, CaseOutcome, NightCase, NightReport

_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""
_ERRORS = (CaseOutcome.TIMED_OUT, CaseOutcome.ERROR)


def night_junit(report: NightReport) -> bytes:
    """The document, UTF-8."""
    root = ElementTree.Element("testsuites", name=f"nightly regression {report.plan.environment}")
    root.set("time", f"{report.seconds:.3f}")
    for (component, suite), cases in groupby(sorted(report.cases, key=_place), key=_suite):
        root.append(_told(report, component, suite, list(cases)))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(each.get(count, "0")) for each in root)))
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _told(report: NightReport, component: str, suite: str, cases: list[NightCase]) -> ElementTree.Element:
    kinds = [one.result.outcome if one.result else CaseOutcome.ERROR for one in cases]
    told = ElementTree.Element("testsuite", name=f"{component}.{suite}", tests=str(len(cases)))
    told.set("failures", str(kinds.count(CaseOutcome.FAILED)))
    told.set("errors", str(sum(kinds.count(kind) for kind in _ERRORS)))
    told.set("skipped", str(kinds.count(CaseOutcome.SKIPPED)))
    told.set("time", f"{sum(one.result.seconds for one in cases if one.result):.3f}")
    told.set("timestamp", report.opened_at.isoformat(timespec="seconds"))
    told.append(_properties(report, component))
    told.extend(_case(one) for one in cases)
    return told


def _properties(report: NightReport, component: str) -> ElementTree.Element:
    found = report.plan.component(component)
    pairs = {"run": report.plan.run, "environment": report.plan.environment, "cluster": report.plan.cluster}
    if found is not None:
        pairs |= {"version": found.version, "commit": found.commit, "bundle": found.bundle}
        pairs["stories"] = " ".join(found.stories)
    told = ElementTree.Element("properties")
    for name, value in pairs.items():
        ElementTree.SubElement(told, "property", name=name, value=clean(value))
    return told


def _case(one: NightCase) -> ElementTree.Element:
    place, _, name = one.case.name.rpartition("::")
    module = place.replace(".py::", ".").removesuffix(".py").replace("/", ".").replace("::", ".")
    told = ElementTree.Element(
        "testcase", name=clean(name or one.case.name), file=clean(place.partition("::")[0])
    )
    told.set("classname", clean(f"{one.case.component}.{module}" if module else one.case.component))
    told.set("time", f"{one.result.seconds if one.result else 0.0:.3f}")
    result = one.result
    if result is None:
        ElementTree.SubElement(told, "error", message="it was selected, and no pod reported it")
        return told
    last = result.attempts[-1] if result.attempts else None
    if result.outcome is CaseOutcome.SKIPPED:
        ElementTree.SubElement(told, "skipped", message=clean(result.message))
    elif result.outcome is CaseOutcome.FAILED:
        _problem(told, "failure", result.message, last, result.outcome.value)
    elif result.outcome in _ERRORS:
        _problem(told, "error", result.message, last, result.outcome.value)
    elif result.outcome is CaseOutcome.FLAKY:
        for attempt in result.attempts:
            if attempt.outcome is not CaseOutcome.PASSED:
                _problem(told, "flakyFailure", attempt.message, attempt, attempt.outcome.value)
    requests = [line for attempt in result.attempts for line in attempt.requests]
    if requests:
        ElementTree.SubElement(told, "system-out").text = clean("\n".join(requests))
    return told


def _problem(told: ElementTree.Element, name: str, message: str, attempt: Attempt | None, kind: str) -> None:
    problem = ElementTree.SubElement(told, name, message=clean(message), type=kind)
    problem.text = clean(attempt.log) if attempt else None


def clean(text: str) -> str:
    """The text without what XML forbids."""
    return _IMPOSSIBLE.sub("\ufffd", text)


def _suite(one: NightCase) -> tuple[str, str]:
    return one.case.component, one.case.suite


def _place(one: NightCase) -> tuple[str, str, str]:
    return (*_suite(one), one.case.name)
