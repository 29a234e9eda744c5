"""What is told long after a deployment changes how it is judged, by an increment as by a whole rollup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import duckdb
import pytest

from unit.workloads.rolling.a_ledger import ALedger, Unchecked
from unit.workloads.rolling.deliveries import Deliveries

GATEWAY, QUOTES = "order-gateway", "quote-service"
LATE = "2026-06-01 10:00"
HOUR = 3600.0


def _incident(told: Deliveries, when: str, incident: str, *, day: int = 2, **fields: str | None) -> None:
    began = f"2026-03-0{day}T04:00:00Z"
    known = {"component": GATEWAY, "began_at": began, "resolved_at": f"2026-03-0{day}T05:00:00Z", **fields}
    told.observed(when, "incident", incident, incident=incident, **known)


def _serves(told: Deliveries, when: str, name: str, branch: str = "release/1.0.0") -> None:
    told.sealed(when, name, {GATEWAY: ["HB-1"]}, branch)
    told.deployed(when, name)


@pytest.fixture
def told(ledger: ALedger) -> Deliveries:
    """Published: on the 2nd what an incident says failed, on the 3rd what served, on the 4th what broke."""
    told = Deliveries(ledger)
    for day, outcome in ((2, "deployed"), (3, "deployed"), (4, "failed")):
        told.sealed(f"2026-03-0{day} 09:00", f"of day {day}", {GATEWAY: [f"HB-{day}"], QUOTES: [f"HB-{day}"]})
        told.deployed(f"2026-03-0{day} 10:00", f"of day {day}", outcome=outcome)
    _incident(told, "2026-03-05 09:00", "OPS-1", caused_by="HB-2")
    ledger.roll("full")
    assert _failed(ledger) == {"02": (1, 1), "03": (0, 1), "04": (1, 1)}
    # From ten o'clock, when it served, to 05:00Z.
    assert ledger.figures("recovery_time", GATEWAY, "quarter") == {"2026-01-01": (3 * HOUR, 1)}
    return told


def _failed(ledger: ALedger) -> dict[str, tuple[float, int]]:
    found = ledger.figures("change_fail_rate", GATEWAY, "day")
    return {day[-2:]: figure for day, figure in found.items() if day.startswith("2026-03")}


def _rolled_back_by_a_person(told: Deliveries) -> None:
    told.deployed(LATE, "of day 3", rollback=True)


def _rolled_back_by_its_pod(told: Deliveries) -> None:
    told.deployed(LATE, "of day 3", outcome="rolled_back")


def _mended_by_a_hotfix(told: Deliveries) -> None:
    _serves(told, LATE, "mended", "hotfix/1.0.1")


def _named_by_an_incident(told: Deliveries) -> None:
    _incident(told, LATE, "OPS-2", day=3, caused_by="HB-3")


def _not_named_any_more(told: Deliveries) -> None:
    _incident(told, LATE, "OPS-1", caused_by=None)


def _another_story_named(told: Deliveries) -> None:
    _incident(told, LATE, "OPS-1", day=3, caused_by="HB-3")


def _another_component_named(told: Deliveries) -> None:
    _incident(told, LATE, "OPS-1", component=QUOTES, caused_by="HB-2")


def _no_component_named(told: Deliveries) -> None:
    _incident(told, LATE, "OPS-1", component=None, caused_by="HB-2")


def _another_deployment_of_the_story_told_late(told: Deliveries) -> None:
    told.sealed("2026-03-02 11:00", "told late", {GATEWAY: ["HB-2"]})
    told.deployed("2026-03-02 11:00", "told late")


JUDGED_ANEW: list[tuple[Callable[[Deliveries], None], dict[str, tuple[float, int]]]] = [
    (_rolled_back_by_a_person, {"02": (1, 1), "03": (1, 1)}),
    (_rolled_back_by_its_pod, {"02": (1, 1), "03": (1, 1)}),
    (_mended_by_a_hotfix, {"02": (1, 1), "03": (1, 1)}),
    (_named_by_an_incident, {"02": (1, 1), "03": (1, 1)}),
    (_not_named_any_more, {"02": (0, 1), "03": (0, 1)}),
    (_another_story_named, {"02": (0, 1), "03": (1, 1)}),
    (_another_component_named, {"02": (0, 1), "03": (0, 1)}),
    (_no_component_named, {"02": (0, 1), "03": (0, 1)}),
    (_another_deployment_of_the_story_told_late, {"02": (0.5, 2), "03": (0, 1)}),
]


@pytest.mark.parametrize(
    ("happens", "failed"),
    [
        pytest.param(*each, id=each[0].__name__, marks=[] if number < 4 else [pytest.mark.long])
        for number, each in enumerate(JUDGED_ANEW)
    ],
)
def test_an_old_deployment_is_judged_anew_by_what_is_told_late(
    ledger: ALedger,
    told: Deliveries,
    happens: Callable[[Deliveries], None],
    failed: dict[str, tuple[float, int]],
) -> None:
    happens(told)
    assert ledger.roll("incremental").mode == "incremental"
    assert _failed(ledger) == {**failed, "04": (1, 1)}
    _is_what_a_whole_rollup_makes(ledger)


def test_an_incident_that_is_resolved_otherwise_changes_the_recovery_alone(
    ledger: ALedger, told: Deliveries
) -> None:
    _incident(told, LATE, "OPS-1", caused_by="HB-2", resolved_at="2026-03-02T09:00:00Z")
    ledger.roll("incremental")
    assert ledger.figures("recovery_time", GATEWAY, "quarter") == {"2026-01-01": (7 * HOUR, 1)}
    _is_what_a_whole_rollup_makes(ledger)


def test_what_broke_long_ago_recovers_when_the_next_one_serves(ledger: ALedger, told: Deliveries) -> None:
    _serves(told, LATE, "next")
    ledger.roll("incremental")
    # 89 days from the 4th of March.
    assert ledger.figures("recovery_time", GATEWAY, "month")["2026-06-01"] == (89 * 24 * HOUR, 1)
    _is_what_a_whole_rollup_makes(ledger)


def test_what_is_judged_as_before_makes_no_facts_again(ledger: ALedger, told: Deliveries) -> None:
    told.sealed(LATE, "of june", {GATEWAY: ["HB-9"]})
    told.deployed(LATE, "of june", outcome="failed")
    seen = _Seen()
    ledger.roll("incremental", seen)
    assert seen.changes == 1
    _is_what_a_whole_rollup_makes(ledger)


class _Seen(Unchecked):
    """Publishes what is made, and counts the deployments among it."""

    changes = 0

    def facts(self, engine: duckdb.DuckDBPyConnection, last: datetime | None) -> str | None:
        row = engine.execute("SELECT count(*) FROM made WHERE kind = 'change'").fetchone()
        self.changes = int(row[0]) if row else 0
        return None


def _is_what_a_whole_rollup_makes(ledger: ALedger) -> None:
    by_increment = ledger.everything()
    ledger.roll("full")
    assert by_increment == ledger.everything()
