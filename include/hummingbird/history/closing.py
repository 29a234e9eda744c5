"""After production serves: branches are merged and tagged, the stories closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from hummingbird.core.event import EventKind
from hummingbird.core.gitflow import DEVELOP, MASTER
from hummingbird.core.plan import PlannedComponent
from hummingbird.history.delivery import Delivery
from hummingbird.history.lane import Lane
from hummingbird.history.runs import Run
from hummingbird.history.sealed import Sealed

_CONFLICT = 0.04


def finish_and_close(
    way: Delivery, run: Run, bundle: Sealed, lanes: list[Lane], planned: list[PlannedComponent], at: datetime
) -> datetime:
    """Merged into master and develop, tagged; every story of the bundle closed. When it was done."""
    for lane, candidate in zip(lanes, planned, strict=True):
        _merged(way, run, bundle, lane, candidate, MASTER, at)
        _tagged(way, run, bundle, lane, candidate, at + timedelta(milliseconds=300))
        _merged(way, run, bundle, lane, candidate, DEVELOP, at + timedelta(milliseconds=700))
        at += timedelta(seconds=1)
    for key in bundle.stories:
        at += timedelta(milliseconds=250)
        way.told.tell(
            at,
            EventKind.STORY_CLOSED,
            f"story-closed:{key}:{bundle.sha256}",
            key,
            "platform",
            {"resolution": way.catalogue.stories.done_status},
            story=key,
            bundle=bundle.sha256,
            run=run.name,
        )
    return at + timedelta(seconds=4)


def _merged(
    way: Delivery,
    run: Run,
    bundle: Sealed,
    lane: Lane,
    candidate: PlannedComponent,
    target: str,
    at: datetime,
) -> None:
    conflict = target == DEVELOP and way.chance.happens(_CONFLICT)
    kind = EventKind.CHANGE_LEFT_OPEN if conflict else EventKind.CHANGE_MERGED
    version = bundle.carried(lane.name).version
    number = next(lane.requests)
    files = ["src/orders.py"]
    more = {"why": f"conflict in {files[0]}", "files": files} if conflict else {}
    way.told.tell(
        at,
        kind,
        f"{'left-open' if conflict else 'merged'}:{lane.name}:v{version}:{target}",
        f"https://synthetic.example/code/{lane.made.project}/-/merge_requests/{number}",
        "platform",
        {
            "project": lane.made.project,
            "branch": candidate.branch,
            "target": target,
            "commit": candidate.commit,
            "merge_request": number,
            **more,
        },
        story=run.story.key,
        bundle=bundle.sha256,
        component=lane.name,
        run=run.name,
    )


def _tagged(
    way: Delivery, run: Run, bundle: Sealed, lane: Lane, candidate: PlannedComponent, at: datetime
) -> None:
    tag = f"v{bundle.carried(lane.name).version}"
    way.told.tell(
        at,
        EventKind.RELEASE_TAGGED,
        f"tag:{lane.name}:{tag}",
        f"{lane.made.project}@{tag}",
        "platform",
        {"tag": tag, "commit": candidate.commit, "branch": candidate.branch},
        story=bundle.story,
        bundle=bundle.sha256,
        component=lane.name,
        run=run.name,
    )
