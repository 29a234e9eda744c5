"""What a webhook asks for by the rules of GitFlow: the scan of a commit, or nothing, and why.

A hook is a hint. What it claims is asked again at GitLab by the door of the run that it starts
(paths/admit_change.py); nothing else is done on its word.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from hummingbird.core.component import Component
from hummingbird.core.event import EventKind
from hummingbird.core.gitflow import flow_of
from hummingbird.core.story import StoryKey
from hummingbird.ledger.schema import outbox
from hummingbird.ledger.views import newest
from hummingbird.notary.outbox import Start
from hummingbird.notary.push import NOTHING, Hook, base_of, scan_run_id

SCAN_DAG = "scan"
_ASKING = ("open", "reopen", "update")


def flow_sentence(hook: Hook) -> str:
    """What follows for the hook's branch, in words; the same however often it is delivered."""
    if hook.kind == "tag_push":
        return "a tag starts nothing"
    branch = str(hook.data["branch"])
    if hook.kind == "push" and hook.commit == NOTHING:
        return f"{branch} is gone: nothing to scan"
    return f"{branch} {flow_of(branch).says}"


def scan_of(connection: Connection, hook: Hook, component: Component, story: StoryKey | None) -> Start | None:
    """The scan that a hook asks for; None when it asks for none."""
    if hook.kind == "push":
        return _of_push(connection, hook, component, story)
    if hook.kind == "merge_request":
        return _of_merge_request(connection, hook, component, story)
    return None


def _of_push(
    connection: Connection, hook: Hook, component: Component, story: StoryKey | None
) -> Start | None:
    if hook.commit in (None, NOTHING) or not flow_of(str(hook.data["branch"])).scanned:
        return None
    request = _open_request(connection, hook, component)
    return _start(connection, hook, component, story, request)


def _of_merge_request(
    connection: Connection, hook: Hook, component: Component, story: StoryKey | None
) -> Start | None:
    data = hook.data
    asks = data["action"] in _ASKING and data["state"] == "opened" and not data["from_fork"]
    new = data["action"] != "update" or data["oldrev"] is not None
    if hook.commit is None or not (asks and new and flow_of(str(data["branch"])).scanned_when_merged):
        return None
    number = int(data["iid"])
    if newest(connection, EventKind.SCAN_FINISHED, component=component.name, subject=hook.commit) is None:
        return _start(connection, hook, component, story, number)
    # Scanned before the request was opened: a run of its own tells the request what was found.
    return _start(connection, hook, component, story, number, part=f".mr{number}")


def _start(
    connection: Connection,
    hook: Hook,
    component: Component,
    story: StoryKey | None,
    merge_request: int | None,
    part: str = "",
) -> Start:
    branch, commit = str(hook.data["branch"]), str(hook.commit)
    asked = None if part else _asked_before(connection, component, branch, commit)
    return asked or Start(
        dag_id=SCAN_DAG,
        run_id=scan_run_id(hook, story, part),
        conf={
            "story": story,
            "component": component.name,
            "branch": branch,
            "commit": commit,
            "base": base_of(hook),
            "merge_request": merge_request,
            "mode": "incremental",
        },
        note=story or branch,
    )


def _asked_before(connection: Connection, component: Component, branch: str, commit: str) -> Start | None:
    """The start that another hook asked for: push and merge request tell of one commit, in any order.

    They may name it after different stories, so the run's id alone does not show it.
    """
    ends = f"%.{commit[:8]}\\_\\_scan"
    query = select(outbox).where(outbox.c.dag_id == SCAN_DAG, outbox.c.run_id.like(ends))
    for row in connection.execute(query.order_by(outbox.c.id)):
        conf = json.loads(row.conf)
        if (conf["component"], conf["branch"], conf["commit"]) == (component.name, branch, commit):
            return Start(dag_id=row.dag_id, run_id=row.run_id, conf=conf, note=row.note)
    return None


def _open_request(connection: Connection, hook: Hook, component: Component) -> int | None:
    """The merge request from the branch, when its last webhook said that it is open."""
    subject = f"merge_request:{hook.data['branch']}"
    last = newest(connection, EventKind.WEBHOOK_RECEIVED, component=component.name, subject=subject)
    if last is None or last.event.data.get("state") != "opened":
        return None
    return int(last.event.data["iid"])
