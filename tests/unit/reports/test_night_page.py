"""The page of a night: what it names, in which order; nothing from outside gets through unescaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from hummingbird.core.regression import CaseOutcome, NightReport
from hummingbird.reports.markup import VOID
from hummingbird.reports.night_failures import MOST_CARDS, OPENED
from hummingbird.reports.night_page import night_page
from hummingbird.reports.night_words import Reader, duration
from unit.reports.nights import LOG, READER, a_case, a_loss, a_night, a_plan, an_attempt, past_nights

PASSED, FAILED, FLAKY = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.FLAKY
OUTCOMES = [*CaseOutcome, None]
SEARCH = "tests_regression/functional/test_search.py::Search::test_by_a_part_of_the_name"


def shown(report: NightReport, reader: Reader = READER) -> str:
    return night_page(report, reader).decode("utf-8")


def words(report: NightReport) -> str:
    """What a reader reads: text alone, on one line."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", shown(report), flags=re.DOTALL).split())


class Elements(HTMLParser):
    """Elements that are left open or closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.crossed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.crossed.append(tag)


NIGHTS = {
    "full": a_night(*(a_case(kind) for kind in CaseOutcome), trend=past_nights(29)),
    "first": a_night(a_case()),
    "unfinished": a_night(a_case(), a_case(None), finished_at=None, pods=[]),
    "with a lost pod": a_night(a_case(losses=[a_loss()])),
    "nothing runs": a_night(plan=a_plan().model_copy(update={"components": []}), started_at=None, pods=[]),
    "no case": a_night(started_at=None),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_every_kind_of_night_makes_a_whole_page_that_loads_nothing(name: str) -> None:
    page = shown(NIGHTS[name])
    seen = Elements()
    seen.feed(page)
    assert (seen.crossed, seen.open) == ([], [])
    assert not re.search(r"<(script|img|iframe|link)\b|\bsrc=|url\(|@import", page)
    assert "default-src &#x27;none&#x27;" in page


def test_counts_and_proof_come_first_and_are_those_of_the_cases() -> None:
    told = words(a_night(a_case(), a_case(FLAKY), a_case(FAILED), a_case(CaseOutcome.SKIPPED)))
    assert "✗ Red: 1 of 4 passed, 1 failed, 1 flaky, 1 skipped. 1 newly failing." in told
    assert "All 4 selected cases were executed." in told
    assert told.index("Red:") < told.index("Newly failing (1)") < told.index("Slowest")


def test_a_flaky_case_does_not_make_a_night_red_and_is_named() -> None:
    told = words(a_night(a_case(), a_case(FLAKY, SEARCH, before=[PASSED, FLAKY])))
    assert "✓ Green: 1 of 2 passed, 1 flaky." in told
    assert "Flaky (1) Search · test_by_a_part_of_the_name" in told
    assert "nights before: ~ ✓ Attempt 1: ✗ failed" in told
    assert "Attempt 2: ✓ passed" in told


def test_a_case_that_nobody_executed_makes_a_night_red() -> None:
    told = words(a_night(a_case(), a_case(None)))
    assert "✗ Red: 1 of 2 passed, 1 not executed." in told
    assert "1 of 2 selected cases were NOT executed." in told
    assert "Not executed (1)" in told
    assert "it was selected, and no pod reported it" in told
    assert "Still failing" not in told


def test_a_night_that_is_not_over_or_never_began_says_so() -> None:
    assert "begun 2026-11-23 10:00:02, not finished (Asia/Shanghai)" in words(NIGHTS["unfinished"])
    assert "no case was handed out" in words(NIGHTS["nothing runs"])
    assert "no component that runs here brings a nightly suite" in words(NIGHTS["nothing runs"])
    assert "the suites hold no case" in words(NIGHTS["no case"])


def test_a_failure_shows_its_log_its_requests_and_the_stories_of_the_bundle() -> None:
    report = a_night(a_case(FAILED))
    told = words(report)
    assert "POST http://10.0.0.7:8080/orders" in told
    assert " ".join(LOG.replace(">", "&gt;").split()) in told
    assert "Stories in the bundle: HB-101 , HB-103 · 1.1.0 bundle" in told
    assert '<a href="https://jira.example/browse/HB-101">HB-101</a>, HB-103' in shown(report)


def test_what_failed_before_is_told_apart_from_what_is_new() -> None:
    still = a_case(FAILED, SEARCH, before=[FAILED, FAILED, PASSED])
    told = words(a_night(a_case(FAILED), still))
    assert told.index("Newly failing (1)") < told.index("Still failing (1)") < told.index("Search ·")
    assert "nights before: ✓ ✗ ✗" in told
    assert "never ran before" in words(a_night(a_case(FAILED, before=[])))


def test_the_slowest_cases_are_listed_by_what_they_took() -> None:
    cases = [a_case(name=f"a.py::test_{number}", seconds=float(number)) for number in range(40)]
    told = words(a_night(*cases))
    assert "Slowest 15" in told
    listed = re.findall(r"test_(\d+) ✓ passed", told)
    assert listed[:15] == [str(number) for number in range(39, 24, -1)]


def test_a_lost_pod_is_named_with_what_it_had() -> None:
    told = words(a_night(a_case(losses=[a_loss()])))
    assert "Lost pods (1) order-gateway: test_a_price_between_two_ticks was handed on at 2026-11-23" in told
    assert "its pod was silent for 31 s (job ffffffffffff )" in told
    assert "pods' time used" not in told


def test_times_are_told_in_the_readers_zone() -> None:
    assert "2026-11-23 10:00:02 to 2026-11-23 10:01:05 (Asia/Shanghai)" in words(a_night(a_case()))
    assert "2026-11-23 02:00:02" in shown(a_night(a_case()), Reader())


def test_the_trend_has_a_bar_for_each_night_and_the_same_figures_as_a_table() -> None:
    report = a_night(a_case(FAILED), trend=past_nights(29))
    page = shown(report)
    red, took = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert red.count("<title>") == took.count("<title>") == 30
    assert took.count('class="calm"') == 30
    reds = sum(bool(night.totals.red) for night in report.trend) + 1
    assert red.count('class="bad"') == reds
    assert "Trend over 30 nights" in page
    assert page.count("2026-11-08 10:00:00") >= 3
    assert "No night before this one." in words(a_night(a_case()))


def test_nothing_from_outside_gets_through_unescaped() -> None:
    evil = "<script>alert('1')</script>\"'&"
    attempt = an_attempt(FAILED, message=evil, log=evil, requests=[evil], pod=evil)
    cases = [
        a_case(kind, f"{evil}::{evil}", suite=evil, component=evil, attempts=[attempt], losses=[a_loss()])
        for kind in OUTCOMES
    ]
    plan = a_plan(evil).model_copy(update={"run": evil, "environment": evil, "requester": evil})
    reader = Reader(titles={evil: evil}, run_page=f"javascript:{evil}", junit=evil)
    page = shown(a_night(*cases, plan=plan, trend=past_nights(2)), reader)
    assert "<script" not in page
    assert "javascript:" not in page


def test_very_many_failures_are_named_and_the_first_are_told_in_full() -> None:
    cases = [a_case(FAILED, f"a.py::test_{number}") for number in range(MOST_CARDS + 30)]
    page = shown(a_night(*cases))
    assert page.count("<article") == MOST_CARDS
    assert "And 30 more, without their logs:" in page
    assert all(f"test_{number}" in page for number in range(MOST_CARDS + 30))


def test_the_first_failures_are_open_and_the_others_open_when_somebody_asks() -> None:
    page = shown(a_night(*(a_case(FAILED, f"a.py::test_{number}") for number in range(OPENED + 4))))
    assert page.count('<details open="">') == OPENED


def test_a_hung_case_does_not_pretend_that_it_asked_nothing() -> None:
    attempt = an_attempt(CaseOutcome.TIMED_OUT, requests=[])
    assert "No request" not in words(a_night(a_case(CaseOutcome.TIMED_OUT, attempts=[attempt])))
    assert "No request was logged." in words(
        a_night(a_case(FAILED, attempts=[an_attempt(FAILED, requests=[])]))
    )


def test_a_very_long_log_shows_its_end() -> None:
    attempt = an_attempt(FAILED, log="begin" + "x" * 50_000 + "the very end", requests=["GET /"] * 100)
    page = shown(a_night(a_case(FAILED, attempts=[attempt])))
    assert "the very end" in page
    assert "begin" + "x" not in page
    assert "(40 earlier requests are left out)" in page


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.044, "0.04 s"), (9.994, "9.99 s"), (12.34, "12.3 s"), (245.2, "4 min 05 s"), (22320, "6 h 12 min")],
)
def test_durations_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert duration(seconds) == told
