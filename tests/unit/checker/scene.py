"""A clean delivery to production as ledger rows and as the systems show it; tests then spoil one thing."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from checker.seen import MergeRequest, Run, Seen, Tag, Task, Workload
from checker.verdict import Verdict, judge

BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STORY, COMMIT, BUNDLE = "HB-7", "c0ffee01" + "0" * 32, "b" * 64
DIGEST = f"sha256:{'d' * 64}"
RUN, SCAN = "prod_deploy/HB-7.1__prod_deploy", f"scan/HB-7.{COMMIT[:8]}__scan"
APPROVAL, WARRANT = "a1", "w1"
BUILT = hashlib.sha256(b"a manifest").hexdigest()
IMAGE = {"repository": "trading-prod/quotes", "digest": f"sha256:{BUILT}"}

Row = dict[str, Any]
"""An event before it is chained: kind, key and what differs from nothing."""


def a_delivery() -> list[Row]:
    """What the ledger says of one story that reached production."""
    own = {"story": STORY, "bundle": BUNDLE, "environment": "prod", "run": RUN}
    request = {
        **{"story": STORY, "bundle": BUNDLE, "evidence": "e", "environment": "prod", "operation": "deploy"},
        **{"policy_version": "p", "requester": "wang", "expires_at": _at(900)},
        "signatures": [{"number": 1, "role": "release"}, {"number": 2, "role": "operations"}],
    }
    warrant = {
        **{"id": WARRANT, "bundle": BUNDLE, "evidence": "e", "environment": "prod", "operation": "deploy"},
        **{"policy_version": "p", "clusters": ["prod-1"], "approval": APPROVAL, "expires_at": _at(800)},
    }
    push = {"event": "push", "branch": "develop", "after": COMMIT, "project": "trading/quotes"}
    return [
        _row("dev.cdeventsx.hummingbird-webhook.received", "gitlab:1", "push:develop", push, story=STORY),
        _row("dev.cdeventsx.hummingbird-run.admitted", "in:scan", SCAN, {}, story=STORY, run=SCAN),
        _row("dev.cdevents.pipelinerun.finished", "out:scan", SCAN, {}, story=STORY, run=SCAN),
        _row(
            "dev.cdevents.artifact.packaged",
            "build:1",
            COMMIT,
            {"build": {"commit": COMMIT, "pipeline_id": 1}},
            component="quotes",
        ),
        _row("dev.cdeventsx.hummingbird-run.admitted", "in:prod", RUN, {}, **own),
        _row(
            "dev.cdeventsx.hummingbird-bundle.sealed",
            "bundle",
            BUNDLE,
            {"bundle": {"components": [{"name": "quotes"}]}},
            bundle=BUNDLE,
        ),
        _row("dev.cdeventsx.hummingbird-approval.created", "asked", APPROVAL, {"request": request}, **own),
        _answer(1, "zhou", own),
        _answer(2, "sun", own),
        _row("dev.cdeventsx.hummingbird-approval.closed", "closed", APPROVAL, {"state": "approved"}, **own),
        _row(
            "dev.cdevents.artifact.published",
            "promoted",
            BUNDLE,
            {"images": [IMAGE]},
            **own,
            cluster="prod-1",
        ),
        _row(
            "dev.cdeventsx.hummingbird-warrant.issued",
            "warrant",
            WARRANT,
            {"warrant": warrant, "signed": {"payload": _paper(warrant)}},
            **own,
        ),
        _row(
            "dev.cdeventsx.hummingbird-warrant.consumed",
            "consumed",
            WARRANT,
            {"approval": APPROVAL},
            **own,
            cluster="prod-1",
        ),
        _row(
            "dev.cdevents.service.deployed",
            "job:1",
            BUNDLE,
            {"report": a_report()},
            **own,
            cluster="prod-1",
        ),
        _row(
            "dev.cdeventsx.hummingbird-release.tagged",
            "tag:1",
            "trading/quotes@v1.1.0",
            {"tag": "v1.1.0", "commit": COMMIT},
            **{**own, "environment": None},
        ),
        _row("dev.cdevents.ticket.closed", "story", STORY, {}, **{**own, "environment": None}),
        _row("dev.cdevents.pipelinerun.finished", "out:prod", RUN, {}, **own),
    ]


def a_report(outcome: str = "deployed") -> dict[str, Any]:
    """What a deployment pod posted."""
    state = {"name": "quotes", "digest": IMAGE["digest"], "configuration_sha256": "f" * 64}
    return {"outcome": outcome, "warrant": WARRANT, "components": [state]}


def a_world() -> Seen:
    """What Airflow, GitLab, Jira, registry and cluster show then."""
    prompts = (Task("sign[0]", "success"), Task("sign[1]", "success"))
    return Seen(
        now=BEGIN + timedelta(minutes=10),
        runs=(
            Run("scan", SCAN.partition("/")[2], "success", BEGIN, "DONE: scan"),
            Run("prod_deploy", RUN.partition("/")[2], "success", BEGIN, "DONE: prod"),
            Run("approval", f"{RUN.partition('/')[2]}__approval", "running", BEGIN + timedelta(minutes=9), "",
                {"request": APPROVAL}, prompts),
        ),
        pipelines=(("trading/quotes", COMMIT, 1),),
        tags=(Tag("trading/quotes", "v1.1.0", COMMIT),),
        merge_requests=(
            MergeRequest("trading/quotes", 1, "feature/HB-7", "develop", COMMIT, ("\nhummingbird:scan",)),
        ),
        comments={STORY: (f"Delivered.\n\nhummingbird:delivered:{BUNDLE[:12]}", "thank you")},
        workloads=(
            Workload("prod-1", "quotes", IMAGE["digest"], 1, 2, 2, BUNDLE, (IMAGE["digest"],) * 2),
        ),
        manifests={(IMAGE["repository"], IMAGE["digest"]): BUILT},
    )  # fmt: skip


def chained(rows: list[Row]) -> list[str]:
    """The rows as an export has them, each naming the one before it."""
    lines, head = [], "0" * 64
    for number, row in enumerate(rows, start=1):
        moment = row.get("at") or _at(number)
        event = {name: value for name, value in row.items() if name != "at"}
        envelope = json.dumps(
            {
                "context": {"id": row["key"], "timestamp": moment, "type": row["kind"]},
                "customData": {"sequence": number, "event": event},
            }
        )
        digest = hashlib.sha256((head + envelope).encode()).hexdigest()
        columns = {name: value for name, value in event.items() if name != "data"}
        lines.append(
            json.dumps(
                {**columns, "sequence": number, "at": moment, "previous_hash": head, "hash": digest,
                 "envelope": envelope}
            )
        )  # fmt: skip
        head = digest
    return lines


def verdict(rows: list[Row] | None = None, seen: Seen | None = None) -> Verdict:
    """The checker's verdict on a spoilt delivery or a spoilt world."""
    return judge(chained(rows if rows is not None else a_delivery()), seen or a_world(), ("test", "prod"))


def spoilt(key: str, **changes: Any) -> list[Row]:
    """The delivery with one row changed; `data` is merged into what is there."""
    rows = a_delivery()
    row = next(row for row in rows if row["key"] == key)
    data = {**row["data"], **changes.pop("data", {})}
    row.update(changes, data=data)
    return rows


def without(key: str) -> list[Row]:
    """The delivery with one row that was never written."""
    return [row for row in a_delivery() if row["key"] != key]


def again(key: str, new: str, **changes: Any) -> list[Row]:
    """The delivery with one row written a second time under another key, right after the first."""
    rows = a_delivery()
    place = next(index for index, row in enumerate(rows) if row["key"] == key)
    return [*rows[: place + 1], {**rows[place], "key": new, **changes}, *rows[place + 1 :]]


def changed(**parts: Any) -> Seen:
    """The world with parts replaced."""
    return replace(a_world(), **parts)


def _row(kind: str, key: str, subject: str, data: dict[str, Any], **more: Any) -> Row:
    empty = dict.fromkeys(("story", "bundle", "component", "environment", "cluster", "run"))
    return {
        **empty, "kind": f"{kind}.0.1.0", "key": key, "subject": subject, "actor": "x", "data": data, **more
    }  # fmt: skip


def _answer(number: int, person: str, own: dict[str, Any]) -> Row:
    given = {"number": number, "person": person, "decision": "approved", "answered_at": _at(100)}
    return _row(
        "dev.cdeventsx.hummingbird-approval.updated", f"answer:{number}", APPROVAL, {"approval": given}, **own
    )


def _paper(warrant: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(warrant).encode()).decode()


def _at(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat()
