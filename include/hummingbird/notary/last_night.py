"""What the newest night of regression said of a bundle's versions, in words for whoever approves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hummingbird.core.event import EventKind
from hummingbird.core.gate import Facts
from hummingbird.core.regression import NightComponent
from hummingbird.ledger.views import newest


@dataclass(frozen=True)
class LastNight:
    """A line for the risk, empty where the night tested other versions, and one for the details."""

    risk: str
    detail: str


def last_night(connection: Connection, facts: Facts) -> LastNight | None:
    """The newest closed night of the environment before this one; None where no night ran, or on a rollback.

    It changes no gate and no evidence: a night may come and go while people are asked.
    """
    previous = facts.environment.previous
    if previous is None or facts.operation == "rollback":
        return None
    recorded = newest(connection, EventKind.REGRESSION_FINISHED, environment=previous)
    if recorded is None:
        return None
    data = recorded.event.data
    others = _tested_otherwise(facts, data)
    versions = f"other versions of {', '.join(others)}" if others else "these versions"
    told = f"{data['sentence']}{_new(data)}"
    detail = f"last night in {previous}, ended {recorded.at:%Y-%m-%d %H:%M} UTC, against {versions}: {told}"
    return LastNight(risk="" if others else f"last night in {previous}: {told}", detail=detail)


def _tested_otherwise(facts: Facts, data: dict[str, Any]) -> list[str]:
    """Components of the bundle that the night did not test at the bundle's commit."""
    tested = {each.name: each.commit for each in map(NightComponent.model_validate, data["components"])}
    return [each.name for each in facts.bundle.components if tested.get(each.name) != each.commit]


def _new(data: dict[str, Any]) -> str:
    count = len(data["newly_failing"])
    return f", {count} newly failing" if count else ""
