"""A night as JUnit: every case once, in words that readers of JUnit know, valid XML whatever was logged."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from hummingbird.core.regression import CaseOutcome, NightReport
from hummingbird.reports.night_junit import night_junit
from hummingbird.workloads.junit import read_junit
from unit.reports.nights import a_case, a_night, a_plan, an_attempt

FAILED, FLAKY = CaseOutcome.FAILED, CaseOutcome.FLAKY


def read(report: NightReport) -> ElementTree.Element:
    return ElementTree.fromstring(night_junit(report))


@pytest.mark.parametrize(
    ("outcome", "element"),
    [
        (CaseOutcome.PASSED, None),
        (CaseOutcome.FLAKY, "flakyFailure"),
        (CaseOutcome.FAILED, "failure"),
        (CaseOutcome.TIMED_OUT, "error"),
        (CaseOutcome.ERROR, "error"),
        (CaseOutcome.SKIPPED, "skipped"),
        (None, "error"),
    ],
)
def test_an_outcome_is_told_by_its_element(outcome: CaseOutcome | None, element: str | None) -> None:
    (case,) = read(a_night(a_case(outcome))).iter("testcase")
    assert [child.tag for child in case if child.tag != "system-out"] == ([element] if element else [])
    assert case.get("name") == "test_a_price_between_two_ticks"
    assert case.get("classname") == "order-gateway.tests_regression.functional.test_orders.Refused"
    assert case.get("file") == "tests_regression/functional/test_orders.py"


def test_counts_are_told_by_suite_and_in_all_and_our_own_reader_agrees(tmp_path: Path) -> None:
    kinds = [*CaseOutcome, None, CaseOutcome.PASSED]
    other = [a_case(component="trade-web", suite="nightly-api"), a_case(FAILED, component="trade-web")]
    document = night_junit(a_night(*(a_case(kind) for kind in kinds), *other))
    root = ElementTree.fromstring(document)
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "10", "failures": "2", "errors": "3", "skipped": "1"}
    assert [(each.get("name"), each.get("tests")) for each in root] == [
        ("order-gateway.nightly-functional", "8"),
        ("trade-web.nightly-api", "1"),
        ("trade-web.nightly-functional", "1"),
    ]
    file = tmp_path / "junit.xml"
    file.write_bytes(document)
    again = read_junit(file).counts
    assert (again.total, again.failed, again.skipped) == (10, 5, 1)


def test_a_failure_carries_message_log_and_requests() -> None:
    (case,) = read(a_night(a_case(FAILED))).iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "AssertionError: 201 != 422"
    assert "E   AssertionError: 201 != 422" in (failure.text or "")
    assert "POST http://10.0.0.7:8080/orders" in (case.findtext("system-out") or "")


def test_the_bundle_and_its_stories_are_properties_of_each_suite() -> None:
    report = a_night(a_case())
    told = {each.get("name"): each.get("value") for each in read(report).iter("property")}
    component = report.plan.components[0]
    assert told["bundle"] == component.bundle
    assert told["stories"] == "HB-101 HB-103"
    assert told["run"] == report.plan.run


def test_what_xml_forbids_is_replaced() -> None:
    impossible = "\x00\x08\x1b[31mred\x1b[0m\ud800 \uffff ]]> <&>"
    attempt = an_attempt(FAILED, message=impossible, log=impossible, requests=[impossible])
    name = "a.py::test_[\x1b\x00-价]"
    report = a_night(a_case(FAILED, name, attempts=[attempt]), plan=a_plan())
    (case,) = read(report).iter("testcase")
    assert case.get("name") == "test_[\ufffd\ufffd-价]"
    assert "]]> <&>" in (case.findtext("failure") or "")


def test_the_same_night_is_the_same_document() -> None:
    cases = [a_case(name=f"a.py::test_{number}") for number in range(5)]
    assert night_junit(a_night(*cases)) == night_junit(a_night(*cases))


def test_a_night_without_cases_is_a_document_too() -> None:
    root = read(a_night(started_at=None))
    assert (root.get("tests"), len(root)) == ("0", 0)
