"""All rules over one ledger and one look at the systems."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from checker import agreement, once, one_at_a_time, permission, progress, webhooks
from checker.ledger import read
from checker.seen import Seen


@dataclass(frozen=True)
class Verdict:
    """How many rows were judged, and what is wrong: invariant → sentences."""

    rows: int
    wrong: dict[str, list[str]]

    @property
    def clean(self) -> bool:
        """Whether everything holds."""
        return not any(self.wrong.values())

    def __str__(self) -> str:
        if self.clean:
            return f"CLEAN: {self.rows} rows; {', '.join(self.wrong)} hold"
        told = [f"  {name}: {one}" for name, sentences in self.wrong.items() for one in sentences]
        return "\n".join([f"WRONG: {len(told)} findings in {self.rows} rows", *told])


def judge(
    lines: Iterable[str], seen: Seen, approved: Collection[str], patience: timedelta = progress.PATIENCE
) -> Verdict:
    """Apply every rule; what follows a broken row of the ledger is judged by what comes before it."""
    events, broken = read(lines)
    return Verdict(
        rows=len(events),
        wrong={
            "I1": webhooks.check(events, seen),
            "I2": permission.check(events, approved),
            "I3": one_at_a_time.check(events, seen),
            "I4": [*broken, *agreement.check(events, seen)],
            "I5": progress.check(events, seen, patience),
            "once": once.check(events, seen),
        },
    )
