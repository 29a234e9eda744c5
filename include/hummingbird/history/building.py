"""A push is heard of, and its commit is built."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from hummingbird.core.artifact import Build, Image, Package
from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.event import EventKind
from hummingbird.core.gitflow import flow_of
from hummingbird.core.story import Story
from hummingbird.history.delivery import Delivery
from hummingbird.history.firm import mail
from hummingbird.history.lane import Lane, digest_of
from hummingbird.history.runs import Run
from hummingbird.notary.provenance import PAYLOAD_TYPE, statement_of
from hummingbird.notary.push import NOTHING

_CODE = "https://synthetic.example/code"


def hear(
    way: Delivery, lane: Lane, branch: str, story: Story, commit: str, before: str | None, at: datetime
) -> None:
    """The push's webhook."""
    author = str(story.assignee)
    data = {
        "project": lane.made.project,
        "flow": f"{branch} {flow_of(branch).says}",
        "event": "push",
        "branch": branch,
        "before": before or NOTHING,
        "after": commit,
        "user": author,
        "commits": [{"id": commit, "message": f"{story.key} {story.title}", "author": mail(author)}],
    }
    way.told.tell(
        at,
        EventKind.WEBHOOK_RECEIVED,
        f"gitlab:synthetic-{commit[:16]}-{branch}",
        f"push:{branch}",
        "gitlab",
        data,
        story=story.key,
        component=lane.name,
    )


def build(way: Delivery, lane: Lane, run: Run, version: str) -> datetime:
    """The pipeline of a commit, and its provenance with a signature that no key made; when it was done."""
    commit = run.plan.components[0].commit
    seconds = round(way.chance.around(lane.made.build_seconds), 3)
    at = run.started_at + timedelta(seconds=4 + way.chance.around(15.0, 0.7) + seconds)
    number = next(lane.pipelines)
    made = Build(
        component=lane.name,
        version=version,
        commit=commit,
        image=image_of(lane, commit),
        packages=[package_of(lane, commit, version)],
        pipeline_id=number,
        pipeline_url=f"{_CODE}/{lane.made.project}/-/pipelines/{number}",
        pipeline_seconds=seconds,
    )
    key = f"build:{lane.name}:{commit}:{number}"
    way.told.tell(
        at,
        EventKind.BUILD_FINISHED,
        key,
        f"pkg:oci/{lane.name}@{made.image.digest}",
        "platform",
        {"build": made.document()},
        story=run.story.key,
        component=lane.name,
        run=run.name,
    )
    payload = base64.b64encode(canonical_json(statement_of(made, lane.made.project))).decode("ascii")
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": payload,
        "signatures": [{"keyid": "synthetic", "sig": "synthetic"}],
    }
    way.told.tell(
        at + timedelta(milliseconds=16),
        EventKind.PROVENANCE_SIGNED,
        f"provenance:{key}",
        commit,
        "notary",
        {"build": made.document(), "envelope": envelope, "recorded_as": key},
        story=run.story.key,
        component=lane.name,
        run=run.name,
    )
    return at


def image_of(lane: Lane, commit: str) -> Image:
    """What a commit was built to."""
    return Image(repository=f"trading-dev/{lane.name}", digest=digest_of(commit))


def package_of(lane: Lane, commit: str, version: str) -> Package:
    """The package of the same build."""
    path = f"{lane.name}/{version}/{commit}/{lane.name}-{version}.tar.gz"
    return Package(repository="trading-dev-local", path=path, sha256=sha256_hex(f"{commit}/package".encode()))
