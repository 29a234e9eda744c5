"""Nights that reports are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from builders import COMMIT, HASH, NOW
from hummingbird.core.regression import (
    RED,
    Attempt,
    Case,
    CaseOutcome,
    CaseResult,
    Expectation,
    ExpectedFrom,
    Loss,
    NewlyFailing,
    NightCase,
    NightComponent,
    NightPlan,
    NightReport,
    NightTotals,
    PastNight,
    RegressionReport,
)
from hummingbird.core.story import story_key
from hummingbird.reports.night_words import Reader

RUN = "nightly_regression/scheduled__2026-11-22T17:30:00+00:00"
LOG = """def test_a_price(self):
>   self.assertEqual(status, 422)
E   AssertionError: 201 != 422"""
REQUEST = 'POST http://10.0.0.7:8080/orders {"price": "6.505"} -> 201 in 3 ms {"id": 7}'
READER = Reader(
    zone="Asia/Shanghai",
    titles={"order-gateway": "委托网关", "quote-service": "行情服务", "trade-web": "交易工作台"},
    stories={story_key("HB-101"): "https://jira.example/browse/HB-101"},
    run_page="https://airflow.example/dags/nightly_regression/runs/scheduled__2026",
    junit="junit-0123456789ab.xml",
)


def an_attempt(outcome: CaseOutcome = CaseOutcome.PASSED, **changes: Any) -> Attempt:
    """An attempt; one that went wrong says why."""
    wrong: dict[str, Any] = {}
    if outcome not in (CaseOutcome.PASSED, CaseOutcome.SKIPPED):
        wrong = {"message": "AssertionError: 201 != 422", "log": LOG, "requests": [REQUEST]}
    fields = {"outcome": outcome, "started_at": NOW, "seconds": 0.04, "pod": "regression-0-abc", **wrong}
    return Attempt.model_validate({**fields, **changes})


def a_case(
    outcome: CaseOutcome | None = CaseOutcome.PASSED,
    name: str = "tests_regression/functional/test_orders.py::Refused::test_a_price_between_two_ticks",
    *,
    component: str = "order-gateway",
    suite: str = "nightly-functional",
    seconds: float = 0.04,
    attempts: Sequence[Attempt] | None = None,
    before: Sequence[CaseOutcome] = (CaseOutcome.PASSED, CaseOutcome.PASSED),
    losses: Sequence[Loss] = (),
) -> NightCase:
    """A case with a fitting result; None: nobody executed it."""
    if attempts is None:
        tries = {
            CaseOutcome.FLAKY: [an_attempt(CaseOutcome.FAILED), an_attempt()],
            CaseOutcome.FAILED: [an_attempt(CaseOutcome.FAILED), an_attempt(CaseOutcome.FAILED)],
        }
        attempts = tries.get(outcome or CaseOutcome.PASSED, [an_attempt(outcome or CaseOutcome.PASSED)])
    message = next((each.message for each in attempts if each.message), "")
    result = None
    if outcome is not None:
        result = CaseResult(outcome=outcome, seconds=seconds, attempts=list(attempts), message=message)
    return NightCase(
        number=0,
        case=Case(component=component, suite=suite, name=name),
        expected=Expectation(seconds=seconds, source=ExpectedFrom.MEASURED),
        result=result,
        before=list(before),
        losses=list(losses),
    )


def a_loss() -> Loss:
    """A pod that was not heard of again."""
    return Loss(
        job="f" * 64, taken_at=NOW, lost_at=NOW + timedelta(seconds=31), why="its pod was silent for 31 s"
    )


def a_plan(*names: str) -> NightPlan:
    """Three components of one bundle unless told otherwise."""
    return NightPlan(
        run=RUN,
        environment="test",
        cluster="test",
        components=[
            NightComponent(
                name=name,
                version="1.1.0",
                commit=COMMIT,
                bundle=HASH,
                stories=[story_key("HB-101"), story_key("HB-103")],
            )
            for name in names or ("order-gateway", "quote-service", "trade-web")
        ],
        policy_version=HASH,
    )


def a_night(*cases: NightCase, trend: Sequence[PastNight] = (), **changes: Any) -> NightReport:
    """A finished night of these cases; those that failed after a good night are newly failing."""
    plan = changes.pop("plan", None) or a_plan()
    new = [
        NewlyFailing(
            case=one.case,
            outcome=one.result.outcome,
            message=one.result.message,
            bundle=HASH,
            stories=[story_key("HB-101")],
        )
        for one in cases
        if one.result and one.result.outcome in RED
        if not one.before or one.before[0] not in RED
    ]
    fields: dict[str, Any] = {
        "plan": plan,
        "opened_at": NOW,
        "started_at": NOW + timedelta(seconds=2),
        "finished_at": NOW + timedelta(seconds=65),
        "cases": [one.model_copy(update={"number": number}) for number, one in enumerate(cases)],
        "newly_failing": new,
        "trend": list(trend),
        "pods": [
            RegressionReport(run=RUN, pod=f"regression-{pod}", cases=9, busy_seconds=58.2, seconds=66.0)
            for pod in range(2)
        ],
    }
    return NightReport(**{**fields, **changes})


def past_nights(count: int) -> list[PastNight]:
    """Earlier nights, oldest first: some red, some flaky, some neither."""
    nights = []
    for number in range(count, 0, -1):
        failed, flaky = (3 if number % 7 == 4 else 0), number % 3 == 0
        totals = NightTotals(
            selected=206, passed=206 - failed - flaky - 1, failed=failed, flaky=flaky, skipped=1
        )
        finished = NOW - timedelta(days=number)
        seconds = 70 + 11 * (number % 5)
        nights.append(PastNight(run=f"night-{number}", finished_at=finished, totals=totals, seconds=seconds))
    return nights
