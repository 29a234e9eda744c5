"""One release after the other in an environment: first come, first served, rollbacks before what waits."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.core.turn import InFront
from hummingbird.gates.answers import is_open, waiting

GATE = "in_turn"


def check(facts: Facts) -> Answer:
    """Open when nobody is in front."""
    if not facts.in_front:
        return is_open(GATE, "nobody is in front")
    named = "; ".join(_told(one) for one in facts.in_front[:5])
    more = f"; and {len(facts.in_front) - 5} more" if len(facts.in_front) > 5 else ""
    return waiting(GATE, f"{len(facts.in_front)} in front: {named}{more}")


def _told(one: InFront) -> str:
    does = "at work" if one.at_work else "waits"
    return f"{one.story} ({one.run}), {does} since {one.since:%Y-%m-%d %H:%M} UTC"
