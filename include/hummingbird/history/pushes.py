"""Everyday work: pushes to feature branches are scanned, pushes to develop are built and come to dev."""

from __future__ import annotations

from datetime import datetime, timedelta

from hummingbird.core.bundle import BundleComponent, Configuration
from hummingbird.core.gitflow import DEVELOP
from hummingbird.core.observation import ObservedCommit
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import PlannedComponent
from hummingbird.core.story import Story, StoryKey
from hummingbird.history.bringing import Bringing, ok
from hummingbird.history.building import build, hear, image_of, package_of
from hummingbird.history.deciding import seal
from hummingbird.history.delivery import Delivery
from hummingbird.history.firm import mail
from hummingbird.history.lane import Change, Lane, Stories, settings_of
from hummingbird.history.runs import Run
from hummingbird.history.scanning import scan
from hummingbird.history.sealed import Sealed

_SAME_STORY = 0.35
_FEATURE_FIRST = 0.6
_RED = 0.12
_LOST_POD = 0.02


def develop(way: Delivery, lane: Lane, stories: Stories, at: datetime) -> datetime:
    """A change comes to develop and from there to dev: one cycle. When its last run ended."""
    change = _change(way, lane, stories)
    if way.chance.happens(_FEATURE_FIRST):
        at = way.office.after_work(feature(way, lane, change, at), way.chance.around(2400.0, 0.8))
    commit = committed(way, lane, change, at)
    hear(way, lane, DEVELOP, change.story, commit, lane.head, at)
    way.unseen.pushed(at, lane, change.commits[-1])
    lane.lines += way.chance.whole(-10, 120)
    planned = PlannedComponent(name=lane.name, branch=DEVELOP, commit=commit, base=lane.head)
    lane.head = commit
    version = f"1.{lane.minor + 1}.0"
    built, done = scanned_and_built(way, lane, change.story, planned, version, at)
    run = way.door.admit(
        "dev_deploy",
        f"{built.plan.run_id}__dev_deploy",
        change.story,
        done + timedelta(seconds=2),
        components=[planned],
        environment="dev",
        parent=built.as_parent("start_dev_deploy"),
    )
    bundle = Sealed.of(change.story.key, [carried(lane, commit, version, [change])])
    at = run.started_at + timedelta(seconds=6)
    seal(way, run, bundle, at)
    bringing = Bringing(way, run, bundle, way.catalogue.environment("dev"), [lane])
    clusters = bringing.environment.clusters
    warrant = bringing.permit(clusters, at + timedelta(seconds=2))
    served = max(bringing.deploy(warrant, cluster, at + timedelta(seconds=3)) for cluster in clusters)
    bringing.conclude([ok(cluster, [lane.name]) for cluster in clusters], served + timedelta(seconds=4))
    way.door.finish(run, served + timedelta(seconds=7))
    return served + timedelta(seconds=8)


def feature(way: Delivery, lane: Lane, change: Change, at: datetime) -> datetime:
    """A push to the story's branch is scanned, and sometimes red; when the scan ended."""
    branch = f"feature/{change.story.key}"
    commit = committed(way, lane, change, at)
    hear(way, lane, branch, change.story, commit, lane.head, at)
    planned = PlannedComponent(name=lane.name, branch=branch, commit=commit, base=lane.head)
    red = way.chance.happens(_RED)
    run = _scan_run(way, change.story, planned, at)
    done = scan(way, lane, run, "incremental", red=red)
    why = f"{lane.name} {commit[:8]}: findings or failed unit tests"
    ended = Outcome.REFUSED if red else Outcome.DONE
    way.door.finish(run, done + timedelta(seconds=5), ended, why if red else None)
    return done + timedelta(seconds=8)


def scanned_and_built(
    way: Delivery, lane: Lane, story: Story, planned: PlannedComponent, version: str, at: datetime
) -> tuple[Run, datetime]:
    """A green push to develop, release or hotfix; the build's run and when it ended."""
    scanning = _scan_run(way, story, planned, at)
    done = scan(way, lane, scanning, "incremental")
    if way.chance.happens(_LOST_POD):  # its pod was lost, an operator cleared it: one run, ended twice
        lost = scanning.started_at + timedelta(seconds=9)
        way.door.finish(scanning, lost, Outcome.BROKEN, "scan: the pod is gone and left no report")
    way.door.finish(scanning, done + timedelta(seconds=5))
    building = way.door.admit(
        "build",
        f"{scanning.plan.run_id}__build",
        story,
        done + timedelta(seconds=2),
        components=[planned],
        mode="incremental",
        parent=scanning.as_parent("start_build"),
    )
    done = build(way, lane, building, version)
    way.door.finish(building, done + timedelta(seconds=5))
    return building, done + timedelta(seconds=6)


def carried(lane: Lane, commit: str, version: str, changes: list[Change]) -> BundleComponent:
    """The component as a bundle carries it."""
    keys: list[StoryKey] = list(dict.fromkeys(change.story.key for change in changes))
    settings = Configuration(items=settings_of(lane))
    return BundleComponent(
        name=lane.name,
        version=version,
        commit=commit,
        image=image_of(lane, commit),
        packages=[package_of(lane, commit, version)],
        configuration=dict.fromkeys(("dev", "test", "prod"), settings),
        stories=keys,
        authors=sorted({author for change in changes for author in change.authors}),
        commits=sum(len(change.commits) for change in changes),
    )


def committed(way: Delivery, lane: Lane, change: Change, pushed: datetime) -> str:
    """One more commit of a change, made some time before it is pushed."""
    commit = way.chance.hex(40)
    made = pushed - timedelta(seconds=way.chance.around(5400.0, 1.0))
    change.commits.append(ObservedCommit(id=commit, at=made))
    change.authors.add(mail(str(change.story.assignee)))
    if change not in lane.under_way:
        lane.under_way.append(change)
    return commit


def _change(way: Delivery, lane: Lane, stories: Stories) -> Change:
    if lane.under_way and way.chance.happens(_SAME_STORY):
        return lane.under_way[-1]
    return Change(story=stories.new(way.chance), commits=[], authors=set())


def _scan_run(way: Delivery, story: Story, planned: PlannedComponent, heard: datetime) -> Run:
    return way.door.admit(
        "scan",
        f"{story.key}.{planned.commit[:8]}__scan",
        story,
        heard + timedelta(seconds=way.chance.around(4.0, 0.5)),
        components=[planned],
        mode="incremental",
    )
