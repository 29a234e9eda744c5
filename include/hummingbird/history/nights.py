"""Nights of regression: what ran in the test environment is tested, some cases fail, some are flaky."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.event import EventKind
from hummingbird.core.finding import SuiteReport, TestCounts
from hummingbird.core.regression import (
    Case,
    CaseOutcome,
    NewlyFailing,
    NightComponent,
    NightPlan,
    NightTotals,
    PastNight,
)
from hummingbird.history.delivery import Delivery
from hummingbird.history.lane import Lane

SUITE = "regression"
_STORE = "https://synthetic.example/store/reports-local"
_COMPONENTS_A_POD = 12
_CASE_SECONDS = 9.0


@dataclass(frozen=True)
class _Tested:
    """One component's part of a night."""

    component: NightComponent
    totals: NightTotals
    seconds: float
    failing: list[Case]
    flaky: list[Case]


def night(way: Delivery, lanes: Iterable[Lane], at: datetime) -> None:
    """One night, from its admission to its report; nothing where nothing runs."""
    environment = way.catalogue.regression.environment
    cluster = way.catalogue.environment(environment).clusters[0]
    tested = [one for lane in lanes if (one := _tested(way, lane, cluster, at)) is not None]
    if not tested:
        return
    run = f"nightly_regression/scheduled__{at.isoformat()}"
    plan = NightPlan(
        run=run,
        environment=environment,
        cluster=cluster,
        components=[one.component for one in tested],
        policy_version=way.door.policy_version,
    )
    _tell(
        way,
        plan,
        at + timedelta(seconds=6),
        EventKind.REGRESSION_STARTED,
        "started",
        {"plan": plan.document()},
    )
    opened = at + timedelta(seconds=way.chance.around(90.0))
    started = opened + timedelta(seconds=way.chance.around(14.0, 0.6))
    pods = max(way.catalogue.regression.pods, math.ceil(len(tested) / _COMPONENTS_A_POD))
    worked = sum(one.seconds for one in tested)
    seconds = round(worked / pods * way.chance.between(1.01, 1.06), 3)
    finished = started + timedelta(seconds=seconds)
    stored = _stored(run)
    closed = finished + timedelta(seconds=25)
    for number, one in enumerate(tested):
        _suite(way, plan, one, stored, closed + timedelta(milliseconds=number))
    totals = _together(tested)
    past = PastNight(run=run, finished_at=finished, totals=totals, seconds=seconds)
    data = {
        **stored,
        "night": past.document(),
        "sentence": totals.sentence,
        "selected": totals.selected,
        "executed": totals.executed,
        "opened_at": opened.isoformat(),
        "started_at": started.isoformat(),
        "finished_at": finished.isoformat(),
        "queued_seconds": round((started - opened).total_seconds(), 3),
        "seconds": seconds,
        "case_seconds": round(worked, 3),
        "pods": pods,
        "losses": int(way.chance.happens(0.03)),
        "newly_failing": [_newly(case, one).document() for one in tested for case in one.failing],
        "flaky": [case.document() for one in tested for case in one.flaky],
        "components": [one.component.document() for one in tested],
    }
    last = closed + timedelta(milliseconds=len(tested))
    _tell(way, plan, last, EventKind.REGRESSION_FINISHED, "finished", data)


def _tested(way: Delivery, lane: Lane, cluster: str, at: datetime) -> _Tested | None:
    bundle = lane.served(cluster, at)
    if bundle is None:
        return None
    carried = bundle.carried(lane.name)
    component = NightComponent(
        name=lane.name,
        version=carried.version,
        commit=carried.commit,
        bundle=bundle.sha256,
        stories=carried.stories,
    )
    selected = lane.made.cases + lane.minor
    failing = _cases(way, lane, 0.04, "fails")
    flaky = _cases(way, lane, 0.06, "flaky")
    skipped = int(way.chance.happens(0.1))
    left = max(0, selected - skipped - len(failing) - len(flaky))
    totals = NightTotals(
        selected=left + skipped + len(failing) + len(flaky),
        passed=left,
        failed=len(failing),
        flaky=len(flaky),
        skipped=skipped,
    )
    return _Tested(component, totals, selected * way.chance.around(_CASE_SECONDS, 0.15), failing, flaky)


def _cases(way: Delivery, lane: Lane, share: float, word: str) -> list[Case]:
    count = way.chance.whole(1, 2) if way.chance.happens(share) else 0
    return [
        Case(component=lane.name, suite=SUITE, name=f"tests_regression/test_{word}.py::test_case_{number}")
        for number in range(count)
    ]


def _together(tested: list[_Tested]) -> NightTotals:
    names = ("selected", "passed", "failed", "flaky", "skipped")
    return NightTotals(**{name: sum(getattr(one.totals, name) for one in tested) for name in names})


def _newly(case: Case, tested: _Tested) -> NewlyFailing:
    return NewlyFailing(
        case=case,
        outcome=CaseOutcome.FAILED,
        message="an invented failure",
        bundle=tested.component.bundle,
        stories=tested.component.stories,
    )


def _stored(run: str) -> dict[str, str]:
    page, junit = sha256_hex(f"{run}/page".encode()), sha256_hex(f"{run}/junit".encode())
    return {
        "report_url": f"{_STORE}/nights/{page[:16]}.html",
        "report_sha256": page,
        "junit_url": f"{_STORE}/nights/{junit[:16]}.xml",
        "junit_sha256": junit,
    }


def _suite(way: Delivery, plan: NightPlan, tested: _Tested, stored: dict[str, str], at: datetime) -> None:
    component, totals = tested.component, tested.totals
    report = SuiteReport(
        component=component.name,
        bundle=component.bundle,
        environment=plan.environment,
        suite=SUITE,
        counts=TestCounts(total=totals.selected, failed=totals.red, skipped=totals.skipped),
        failures=[f"{case.name}: an invented failure" for case in tested.failing],
        seconds=round(tested.seconds, 3),
        report_url=stored["report_url"],
        report_sha256=stored["report_sha256"],
    )
    way.told.tell(
        at,
        EventKind.SUITE_FINISHED,
        f"night:{plan.run}:{component.name}/{SUITE}",
        f"{component.name}/{SUITE}",
        "notary",
        {"report": report.document(), "night": plan.run, "totals": totals.document()},
        bundle=component.bundle,
        component=component.name,
        environment=plan.environment,
        cluster=plan.cluster,
        run=plan.run,
    )


def _tell(
    way: Delivery, plan: NightPlan, at: datetime, kind: EventKind, word: str, data: dict[str, object]
) -> None:
    way.told.tell(
        at,
        kind,
        f"regression-{word}:{plan.run}",
        plan.run,
        "platform" if word == "started" else "notary",
        data,
        environment=plan.environment,
        cluster=plan.cluster,
        run=plan.run,
    )
