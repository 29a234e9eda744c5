"""What the nightly regression would run now: the cases of what runs, and how long they may take."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Connection

from hummingbird.core.artifact import Commit
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import DeliveryError
from hummingbird.core.record import Record
from hummingbird.core.regression import Case, Expectation, NightComponent, NightPlan, SelectedCase
from hummingbird.ledger.durations import expected
from hummingbird.ledger.records import LedgerRecords
from hummingbird.ledger.selections import newest_selection
from hummingbird.paths.night import plan_night
from hummingbird.workloads.cases.registry import runner_of
from hummingbird.workloads.cases.runner import SuitePlace
from hummingbird.workloads.checkout import fetch
from hummingbird.workloads.mounted import GitlabAccess

Listing = dict[str, list[SelectedCase]]
"""Suite → its cases."""
Look = Callable[[Component, Commit], Listing]
"""Finds the cases of a commit that no night has selected yet; raises DeliveryError where it cannot."""


class TonightCase(Record):
    """One case that would run; `problem` says why it cannot."""

    case: Case
    expected: Expectation
    problem: str | None = None


class Tonight(Record):
    """All that would run, and what could not be found out."""

    plan: NightPlan
    cases: list[TonightCase]
    """Longest first, as they would be handed out."""
    idle: list[str]
    """Components that bring nightly suites and do not run."""
    unknown: dict[str, str]
    """Component → why its cases are not known."""
    pods: int

    @property
    def work_seconds(self) -> float:
        """All expected durations together."""
        return sum(one.expected.seconds for one in self.cases)

    @property
    def makespan_seconds(self) -> float:
        """From the first case to the last result, if every expectation holds and no pod is lost."""
        busy = [0.0] * max(1, self.pods)
        for one in self.cases:
            heapq.heapreplace(busy, busy[0] + one.expected.seconds)
        return max(busy)

    def of(self, component: str) -> list[TonightCase]:
        """A component's cases."""
        return [one for one in self.cases if one.case.component == component]


def look_at(connection: Connection, catalogue: Catalogue, look: Look, only: str | None = None) -> Tonight:
    """What would run if the night began now; of one component where `only` names it."""
    plan = plan_night(catalogue, LedgerRecords(connection), "tonight", None)
    wanted = [each for each in plan.components if only in (None, each.name)]
    found: dict[Case, SelectedCase] = {}
    unknown = {}
    for each in wanted:
        try:
            suites = _cases(connection, catalogue.component(each.name), each, look)
        except DeliveryError as error:
            unknown[each.name] = str(error)
            continue
        for suite, listed in suites.items():
            found |= {Case(component=each.name, suite=suite, name=one.name): one for one in listed}
    return Tonight(
        plan=plan.model_copy(update={"components": wanted}),
        cases=_in_order(expected(connection, plan.environment, found, catalogue.regression), found),
        idle=_idle(catalogue, plan, only),
        unknown=unknown,
        pods=min(catalogue.regression.pods, len(found)),
    )


def looking_into(gitlab: GitlabAccess) -> Look:
    """Checks a commit out and has each suite's runner name its cases; the suites' modules are imported."""

    def look(component: Component, commit: Commit) -> Listing:
        with tempfile.TemporaryDirectory(prefix="suites-") as folder:
            scratch = Path(folder)
            checkout = fetch(gitlab, component.gitlab_project, commit, None, scratch)
            suites: Listing = {}
            for name, suite in component.nightly_suites.items():
                own = scratch / f"suite-{len(suites)}"
                own.mkdir()
                place = SuitePlace(checkout=checkout.folder, suite=suite, scratch=own, environment={})
                suites[name] = runner_of(suite.kind).select(place)
            return suites

    return look


def _cases(connection: Connection, component: Component, planned: NightComponent, look: Look) -> Listing:
    known = newest_selection(connection, component, planned.commit)
    return known.suites if known is not None else look(component, planned.commit)


def _in_order(expectations: dict[Case, Expectation], found: dict[Case, SelectedCase]) -> list[TonightCase]:
    told: Iterable[TonightCase] = (
        TonightCase(case=case, expected=expectations[case], problem=one.problem)
        for case, one in found.items()
    )
    return sorted(told, key=lambda one: -one.expected.seconds)


def _idle(catalogue: Catalogue, plan: NightPlan, only: str | None) -> list[str]:
    names = [
        name for name, one in catalogue.components.items() if one.nightly_suites and only in (None, name)
    ]
    return [name for name in names if plan.component(name) is None]
