"""Each metric beside deployments, by hand: scans, approvals, stories, code, nights, days and periods."""

from __future__ import annotations

import pytest

from hummingbird.core.event import EventKind
from unit.workloads.rolling.a_ledger import ALedger, sha
from unit.workloads.rolling.deliveries import Deliveries

GATEWAY, QUOTES = "order-gateway", "quote-service"


def test_scans_are_told_without_their_queueing_and_full_apart_from_incremental(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    # Admitted, ended, seconds of work: what is left of the span was queueing.
    told.scanned("2026-03-02 09:00", "2026-03-02 09:12", 600, GATEWAY)
    told.scanned("2026-03-02 10:00", "2026-03-02 10:25", 900, GATEWAY)
    told.scanned("2026-03-02 11:00", "2026-03-02 11:01", 50, GATEWAY, mode="incremental")
    ledger.roll("full")
    # p50 of 600 and 900 lies half way, p85 at 85 % of the way.
    assert ledger.figures("scan_time") == {"2026-03-01": (750, 2)}
    query = "SELECT p50, p85 FROM metrics.figure WHERE metric = %s AND period = 'week' AND component = ''"
    assert ledger.rows(query, ("scan_time",)) == [(750, 855)]
    assert ledger.figures("scan_time_incremental") == {"2026-03-01": (50, 1)}
    # 120, 600 and 10 seconds of waiting.
    assert ledger.figures("scan_queue") == {"2026-03-01": (120, 3)}


def test_an_approval_counts_from_question_to_decision_and_not_when_it_became_void(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 08:00", "a", {GATEWAY: ["HB-1"], QUOTES: ["HB-1"]})
    told.approved("2026-03-02 09:00", "2026-03-02 10:00", "a")
    told.approved("2026-03-02 11:00", "2026-03-02 11:30", "a", state="rejected")
    told.approved("2026-03-02 12:00", "2026-03-03 12:00", "a", state="void")
    ledger.roll("full")
    assert ledger.figures("approval_wait") == {"2026-03-01": (2700, 2)}
    assert ledger.figures("approval_wait", QUOTES) == {"2026-03-01": (2700, 2)}


def test_a_story_without_value_points_costs_nothing_per_point_and_is_no_zero(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 08:00", "a", {GATEWAY: ["HB-1", "HB-2", "HB-3"]})
    told.scanned("2026-03-02 08:30", "2026-03-02 09:00", 100, GATEWAY, story="HB-1")
    for story in ("HB-1", "HB-2", "HB-3"):
        told.closed("2026-03-02 10:00", story, "a")
    told.observed("2026-03-02 20:00", "story", "HB-1", story="HB-1", value=4, worked_seconds=7200, cases=0)
    told.observed("2026-03-02 20:00", "story", "HB-2", story="HB-2", value=None, worked_seconds=3600, cases=0)
    told.observed("2026-03-02 20:00", "story", "HB-3", story="HB-3", value=0, worked_seconds=3600, cases=0)
    ledger.roll("full")
    # 2 h at 100 and 100 s of computing at 36 an hour, for 4 points: 201 / 4. Two stories have no points.
    assert ledger.figures("cost_per_value") == {"2026-03-01": (50.25, 1)}
    assert ledger.figures("automation_coverage") == {}
    # Somebody gives HB-2 two points later: it counts on the day it was delivered.
    told.observed("2026-04-02 20:00", "story", "HB-2", story="HB-2", value=2, worked_seconds=3600, cases=0)
    ledger.roll("incremental")
    assert ledger.figures("cost_per_value") == {"2026-03-01": (301 / 6, 2)}
    # And takes HB-1's away again.
    told.observed("2026-04-03 20:00", "story", "HB-1", story="HB-1", value=None, worked_seconds=7200, cases=0)
    ledger.roll("incremental")
    assert ledger.figures("cost_per_value") == {"2026-03-01": (50, 1)}


def test_automation_is_counted_over_the_cases_of_delivered_stories(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    told.sealed("2026-03-02 08:00", "a", {GATEWAY: ["HB-1", "HB-2"]})
    for story, cases, automated in (("HB-1", 3, 2), ("HB-2", 1, 1), ("HB-9", 50, 0)):
        told.observed(
            "2026-03-02 20:00",
            "story",
            story,
            story=story,
            value=None,
            worked_seconds=0,
            cases=cases,
            automated=automated,
        )
    for story in ("HB-1", "HB-2"):
        told.closed("2026-03-02 10:00", story, "a")
    ledger.roll("full")
    # 3 of 4; HB-9 is not delivered.
    assert ledger.figures("automation_coverage") == {"2026-03-01": (0.75, 2)}


def test_a_commit_s_lead_time_ends_with_the_first_deployment_that_carried_it(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    for day, name in ((2, "a"), (4, "b")):
        told.sealed(f"2026-03-0{day} 08:00", name, {GATEWAY: ["HB-1"]})
        told.deployed(f"2026-03-0{day} 10:00", name)
    first = {"id": sha("1")[:40], "at": "2026-03-01T10:00:00+08:00"}
    second = {"id": sha("2")[:40], "at": "2026-03-01T22:00:00+08:00"}
    third = {"id": sha("3")[:40], "at": "2026-03-04T09:00:00+08:00"}
    for name, commits in (("b", [first, third]), ("a", [first, second])):
        told.observed(
            "2026-03-05 06:00", "commits", name, component=GATEWAY, bundle=sha(name), commits=commits
        )
    ledger.roll("full")
    # 24 h and 12 h with the first, 1 h with the second.
    assert ledger.figures("lead_time") == {"2026-03-01": (12 * 3600, 3)}
    assert ledger.figures("lead_time", period="day") == {
        "2026-03-02": (18 * 3600, 2),
        "2026-03-04": (3600, 1),
    }


def test_an_empty_month_has_no_figures_and_the_registry_says_what_that_means(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    for month, name in ((1, "a"), (3, "b")):
        told.sealed(f"2026-0{month}-05 08:00", name, {GATEWAY: ["HB-1"]})
        told.deployed(f"2026-0{month}-05 10:00", name)
    ledger.roll("full")
    # January is over: one in 31 days. March is made up to its fifth day, the day of the ledger's last row.
    assert ledger.figures("deployment_frequency") == {"2026-01-01": (1 / 31, 1), "2026-03-01": (1 / 5, 1)}
    assert set(ledger.figures("change_fail_rate")) == {"2026-01-01", "2026-03-01"}
    told.scanned("2026-03-31 09:00", "2026-03-31 09:10", 60, GATEWAY)
    ledger.roll("incremental")
    assert ledger.figures("deployment_frequency")["2026-03-01"] == (1 / 31, 1)


def test_trading_days_leave_out_weekends_and_holidays(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    # 2026-02-13 is a Friday; the exchange is shut for Spring Festival from the 16th to the 23rd.
    for number, day in enumerate(("2026-02-12", "2026-02-13", "2026-02-14")):
        told.deployed(f"{day} 10:00", f"a{number}", environment="test")
    told.scanned("2026-02-22 09:00", "2026-02-22 09:10", 60, GATEWAY)
    ledger.roll("full")
    # From the 1st (a Sunday) to the 22nd: ten days of trading, twenty-two of the calendar.
    assert ledger.figures("cycles_per_trading_day") == {"2026-02-01": (0.3, 3)}
    assert ledger.figures("cycles_per_day") == {"2026-02-01": (3 / 22, 3)}
    # On the Saturday there was a cycle and no trading: nothing to divide by.
    assert ledger.figures("cycles_per_trading_day", period="day")["2026-02-14"] == (None, 1)


def test_a_night_and_the_time_of_its_pods(ledger: ALedger) -> None:
    ledger.tell(
        "2026-03-03 04:00",
        EventKind.REGRESSION_FINISHED,
        "night:1",
        environment="test",
        run="nightly_regression/1",
        data={
            "finished_at": "2026-03-02T19:50:00+00:00",
            "seconds": 100.0,
            "queued_seconds": 4.5,
            "case_seconds": 150.0,
            "pods": 1,
            "losses": 1,
            "selected": 8,
            "night": {"totals": {"passed": 6}},
        },
    )
    ledger.roll("full")
    assert ledger.figures("regression_time", period="day") == {"2026-03-03": (100, 1)}
    assert ledger.figures("regression_queue") == {"2026-03-01": (4.5, 1)}
    # Two pods, one of them lost, for 100 s each.
    assert ledger.figures("regression_efficiency") == {"2026-03-01": (0.75, 1)}
    assert ledger.figures("regression_pass_rate") == {"2026-03-01": (0.75, 1)}


def test_lines_are_the_last_count_of_each_component_and_language(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    for day, component, lines in (
        (2, GATEWAY, {"python": 900, "sql": 10}),
        (3, GATEWAY, {"python": 1000}),
        (3, QUOTES, {"python": 50}),
    ):
        told.observed(
            f"2026-03-0{day} 06:00",
            "code",
            component,
            component=component,
            commit="c",
            lines=lines,
            commits=[],
        )
    ledger.roll("full")
    assert ledger.figures("lines_of_code", GATEWAY) == {"2026-03-01": (1010, 3)}
    assert ledger.figures("lines_of_code") == {"2026-03-01": (1060, 4)}
    assert ledger.figures("lines_of_code", period="day")["2026-03-03"] == (1050, 2)


def test_a_commit_counts_once_on_the_day_it_was_made(ledger: ALedger) -> None:
    told = Deliveries(ledger)
    commit = {"id": sha("1")[:40], "at": "2026-02-27T23:30:00+00:00"}
    for day in (2, 3):
        told.observed(
            f"2026-03-0{day} 06:00",
            "code",
            GATEWAY,
            component=GATEWAY,
            commit="c",
            lines={},
            commits=[commit],
        )
        ledger.roll("incremental")
    # Half past seven on the 28th in Shanghai.
    assert ledger.figures("commits", period="day") == {"2026-02-28": (1, 1)}


@pytest.mark.parametrize("mode", ["incremental", "full"])
def test_generated_history_says_so(ledger: ALedger, mode: str) -> None:
    ledger.tell(
        "2026-03-03 04:00",
        EventKind.DEPLOYMENT_FINISHED,
        "one",
        bundle=sha("a"),
        environment="prod",
        run="prod_deploy/a",
        actor="synthetic:job:1",
        data={"report": {"outcome": "deployed"}},
    )
    ledger.roll(mode)  # type: ignore[arg-type]
    assert ledger.rows("SELECT DISTINCT origin FROM metrics.fact") == [("synthetic",)]
    assert ledger.rows("SELECT synthetic FROM metrics.publication") == [(True,)]
