"""Rolled up day by day or all at once: the same facts and figures, whatever happened in whatever order."""

from __future__ import annotations

import random
from pathlib import Path

import psycopg2
import pytest

from hummingbird.core.event import EventKind
from postgres import LedgerDatabase
from unit.workloads.rolling.a_ledger import ALedger, sha
from unit.workloads.rolling.deliveries import Deliveries

COMPONENTS = ("order-gateway", "quote-service", "trade-web")
OUTCOMES = ("deployed", "deployed", "deployed", "already_deployed", "rolled_back", "failed", "refused")


class _Days:
    """Random days of a firm: bundles, deployments, rollbacks, scans, approvals, observations."""

    def __init__(self, ledger: ALedger, seed: int) -> None:
        self.told = Deliveries(ledger)
        self.random = random.Random(seed)
        self.bundles: list[str] = []
        self.minute = 0
        self.day = 0
        delivering = (self.seal, self.deploy, self.deploy, self.deploy, self.scan, self.approve, self.close)
        seeing = (self.see_story, self.see_commits, self.see_code, self.see_incident, self.night)
        self.happenings = (*delivering, *seeing)

    def one(self) -> None:
        """A day, in the last weeks of a quarter and the first of the next."""
        self.day += self.random.choice((1, 1, 2, 9))
        self.minute = 0
        for _ in range(self.random.randint(2, 9)):
            self.random.choice(self.happenings)()

    def now(self) -> str:
        self.minute += self.random.randint(1, 60)
        month, day = divmod(self.day, 28)
        return f"2026-{3 + month:02}-{day + 1:02} {8 + self.minute // 60:02}:{self.minute % 60:02}"

    def story(self) -> str:
        return f"HB-{self.random.randint(1, 6)}"

    def bundle(self) -> str:
        return self.random.choice(self.bundles) if self.bundles else "none"

    def seal(self) -> None:
        self.bundles.append(f"b{len(self.bundles)}")
        names = self.random.sample(COMPONENTS, self.random.randint(1, 2))
        branch = self.random.choice(("release/1", "release/1", "hotfix/1"))
        self.told.sealed(self.now(), self.bundles[-1], {name: [self.story()] for name in names}, branch)

    def deploy(self) -> None:
        where = self.random.choice(("prod", "prod", "test"))
        outcome, back = self.random.choice(OUTCOMES), self.random.random() < 0.15
        self.told.deployed(self.now(), self.bundle(), where, outcome, rollback=back)

    def scan(self) -> None:
        begins = self.now()
        mode = self.random.choice(("full", "incremental"))
        seconds = self.random.randint(1, 900) + 0.125
        self.told.scanned(begins, self.now(), seconds, self.random.choice(COMPONENTS), mode, self.story())

    def approve(self) -> None:
        asked = self.now()
        state = self.random.choice(("approved", "rejected", "void"))
        self.told.approved(asked, self.now(), self.bundle(), state)

    def close(self) -> None:
        self.told.closed(self.now(), self.story(), self.bundle())

    def see_story(self) -> None:
        story = self.story()
        value = self.random.choice((None, 0, 3, 8))
        cases = self.random.randint(0, 9)
        told = {"value": value, "worked_seconds": self.random.randint(0, 9) * 3600, "cases": cases}
        automated = self.random.randint(0, cases)
        self.told.observed(self.now(), "story", story, story=story, automated=automated, **told)

    def see_commits(self) -> None:
        component, bundle = self.random.choice(COMPONENTS), sha(self.bundle())
        commits = [self._commit() for _ in range(self.random.randint(0, 3))]
        told = {"component": component, "bundle": bundle, "commits": commits}
        self.told.observed(self.now(), "commits", f"{component}@{bundle}", **told)

    def see_code(self) -> None:
        component = self.random.choice(COMPONENTS)
        lines = {"python": self.random.randint(1, 5000), "css": self.random.randint(1, 50)}
        told = {"component": component, "commit": sha("c")[:40], "lines": lines, "commits": [self._commit()]}
        self.told.observed(self.now(), "code", component, **told)

    def see_incident(self) -> None:
        incident = f"OPS-{self.random.randint(1, 4)}"
        resolved = self.random.choice((None, "2026-04-20T00:00:00Z"))
        # People correct what an incident was about.
        component = self.random.choice((COMPONENTS[int(incident[-1]) % 3], *COMPONENTS, None))
        told = {"component": component, "caused_by": self.random.choice((f"HB-{incident[-1]}", None))}
        began = f"2026-03-{10 + int(incident[-1])}T03:00:00Z"
        self.told.observed(
            self.now(), "incident", incident, incident=incident, began_at=began, resolved_at=resolved, **told
        )

    def night(self) -> None:
        counts = {"selected": 9, "pods": 2, "seconds": self.random.randint(60, 900), "queued_seconds": 3.5}
        when = self.now()
        self.told.ledger.tell(
            when,
            EventKind.REGRESSION_FINISHED,
            f"night:{self.day}:{self.minute}",
            environment="test",
            data={
                **counts,
                "case_seconds": 90,
                "finished_at": "2026-03-20T00:00:00Z",
                "night": {"totals": {"passed": 8}},
            },
        )

    def _commit(self) -> dict[str, str]:
        number = self.random.randint(1, 12)
        return {"id": sha(f"commit {number}")[:40], "at": f"2026-02-{number + 10}T01:00:00+08:00"}


@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in (1, 2))])
def test_days_rolled_up_one_by_one_make_what_a_whole_rollup_makes(ledger: ALedger, seed: int) -> None:
    days = _Days(ledger, seed)
    for _ in range(6):
        days.one()
        assert ledger.roll("incremental").state == "published"
    by_days = ledger.everything()
    ledger.roll("full")
    whole = ledger.everything()
    for table in ("fact", "figure"):
        assert [row for row in by_days[table] if row not in whole[table]] == []
        assert [row for row in whole[table] if row not in by_days[table]] == []
        assert by_days[table] == whole[table]
    assert len(whole["figure"]) > 50


def test_nothing_new_changes_nothing(
    ledger: ALedger, ledger_database: LedgerDatabase, tmp_path: Path
) -> None:
    days = _Days(ledger, 7)
    days.one()
    ledger.roll()
    before = ledger.everything()
    report = ledger.roll()
    assert (report.mode, report.figures) == ("incremental", 0)
    assert ledger.everything() == before


def test_other_rules_make_everything_anew(ledger: ALedger) -> None:
    days = _Days(ledger, 1)
    days.one()
    assert ledger.roll("incremental").mode == "full"
    assert ledger.roll("incremental").mode == "incremental"
    ledger.rates = ledger.rates.model_copy(update={"hourly_rate": 7.0})
    assert ledger.roll("incremental").mode == "full"


def test_a_second_rollup_at_the_same_time_is_to_be_tried_again(ledger: ALedger) -> None:
    from hummingbird.core.errors import Retryable
    from hummingbird.workloads.rolling.roll_up import _LOCK

    with psycopg2.connect(ledger.database.metrics) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        with pytest.raises(Retryable, match="another rollup is at work"):
            ledger.roll()
    other.close()
