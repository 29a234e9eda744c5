"""I2: every change of an approved environment rests on one consumed, unexpired approval by others."""

from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from checker.ledger import (
    ANSWERED,
    ASKED,
    CLOSED,
    CONSUMED,
    DEPLOYED,
    DEPLOYMENTS,
    ISSUED,
    Event,
    of,
)

TOUCHED = ("deployed", "rolled_back", "failed")
"""Outcomes of deployments that changed a cluster."""


def check(events: list[Event], approved: Collection[str]) -> list[str]:
    """What is wrong; `approved` are the environments where people must have agreed."""
    warrants = {event.subject: event for event in of(events, ISSUED)}
    taken: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for event in of(events, CONSUMED):
        taken[event.subject, event.cluster].append(event)
    wrong = [
        f"warrant {warrant} was issued by no row before row {uses[0].sequence}"
        for (warrant, _), uses in taken.items()
        if warrant not in warrants or warrants[warrant].sequence > uses[0].sequence
    ]
    for change in of(events, *DEPLOYMENTS):
        report = change.data.get("report")
        if report is None or report["outcome"] not in TOUCHED:
            continue
        where = f"row {change.sequence} ({report['outcome']} in {change.environment}/{change.cluster})"
        warrant, uses = warrants.get(report["warrant"]), taken[report["warrant"], change.cluster]
        if warrant is None or len(uses) != 1 or uses[0].sequence > change.sequence:
            wrong.append(f"{where}: its warrant was consumed {len(uses)} times before it, not once")
            continue
        told = [*_warrant(warrant, change, uses[0])]
        if change.environment in approved:
            told += _approval(events, warrant, uses[0])
        wrong += [f"{where}: {one}" for one in told]
    return wrong + _used_twice(events, warrants)


def _warrant(event: Event, change: Event, use: Event) -> list[str]:
    """Whether the warrant covers the change, and was taken while it held."""
    warrant = event.data["warrant"]
    signed = json.loads(base64.b64decode(event.data["signed"]["payload"]))
    wrong = []
    if signed != warrant:
        wrong.append("what the notary signed is not the warrant of the ledger")
    covered = (warrant["bundle"], warrant["environment"]) == (change.bundle, change.environment)
    if not covered or change.cluster not in warrant["clusters"]:
        wrong.append(f"warrant {event.subject} is for something else")
    if use.at >= _time(warrant["expires_at"]):
        wrong.append(f"warrant {event.subject} was consumed after it had expired")
    return wrong


def _approval(events: list[Event], warrant: Event, use: Event) -> list[str]:
    named = warrant.data["warrant"]["approval"]
    if named is None:
        return [f"warrant {warrant.subject} names no approval, and this environment needs one"]
    asked = [event for event in of(events, ASKED) if event.subject == named]
    closed = [event for event in of(events, CLOSED) if event.subject == named]
    if len(asked) != 1 or len(closed) != 1 or closed[0].data["state"] != "approved":
        return [f"approval {named} was asked {len(asked)} times and is not closed once, as approved"]
    wrong = []
    if not asked[0].sequence < closed[0].sequence < warrant.sequence < use.sequence:
        wrong.append(f"approval {named} was not asked, closed, turned into a warrant and used in this order")
    request, paper = asked[0].data["request"], warrant.data["warrant"]
    # A calendar may change in between: it is no part of the policy that people signed for.
    policy = "policy" if request.get("policy") else "policy_version"
    for name in ("bundle", "environment", "evidence", "operation", policy):
        if request[name] != paper[name]:
            wrong.append(f"approval {named} is about another {name} than warrant {warrant.subject}")
    return wrong + _signatures(events, named, request)


def _signatures(events: list[Event], named: str, request: dict[str, Any]) -> list[str]:
    given = [event.data["approval"] for event in of(events, ANSWERED) if event.subject == named]
    people = [one["person"] for one in given]
    wrong = []
    if sorted(one["number"] for one in given) != sorted(one["number"] for one in request["signatures"]):
        wrong.append(f"approval {named}: signatures {request['signatures']} and answers {given} do not pair")
    if any(one["decision"] != "approved" for one in given):
        wrong.append(f"approval {named}: somebody did not approve")
    if len(set(people)) != len(people):
        wrong.append(f"approval {named}: one person signed twice")
    if request["requester"] in people:
        wrong.append(f"approval {named}: {request['requester']} approved the own request")
    if any(_time(one["answered_at"]) >= _time(request["expires_at"]) for one in given):
        wrong.append(f"approval {named}: signed after it had expired")
    return wrong


def _used_twice(events: list[Event], warrants: dict[str, Event]) -> list[str]:
    """One approval brings its bundle to a cluster once."""
    brought: Counter[tuple[str, str | None]] = Counter()
    for change in of(events, DEPLOYED):
        warrant = warrants.get((change.data.get("report") or {}).get("warrant", ""))
        named = warrant.data["warrant"]["approval"] if warrant else None
        if named is not None and change.data["report"]["outcome"] == "deployed":
            brought[named, change.cluster] += 1
    return [
        f"approval {named} was used {count} times in {cluster}"
        for (named, cluster), count in brought.items()
        if count > 1
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
