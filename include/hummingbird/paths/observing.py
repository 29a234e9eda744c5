"""What other systems say about delivered work, recorded when it differs from what was recorded last."""

from __future__ import annotations

from datetime import date

from pydantic import ValidationError

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost, CommitInfo
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.gitflow import DEVELOP, MASTER, new_work
from hummingbird.core.job import CodeJob, CodeTarget, RollupJob
from hummingbird.core.observation import (
    OBSERVATION,
    CodeObserved,
    CommitsObserved,
    IncidentObserved,
    ObservedCommit,
    StoryObserved,
    observation_event,
)
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Measures, Notary
from hummingbird.core.story import story_key

LOOKED_AT_AGAIN = 30
"""Publications for which a delivered story's measures are asked again: work is booked late."""
MOST_COMMITS = 2000
"""Of one component at once; of a longer past the newest are taken."""


def observe_stories(catalogue: Catalogue, tracker: Measures, notary: Notary, run: str, today: date) -> int:
    """Ask for delivered stories' worth, work and cases, and for incidents; how many said something new."""
    after = str(_height(notary, LOOKED_AT_AGAIN))
    closed = notary.events(kinds=[EventKind.STORY_CLOSED], after=after)
    seen: list[StoryObserved | IncidentObserved] = []
    for key in sorted({str(one.event.story) for one in closed if one.event.story}):
        measures = tracker.story_measures(story_key(key), catalogue.metrics)
        if measures is not None:
            seen.append(measures)
    since = date.fromordinal(today.toordinal() - 90)
    seen += tracker.incidents(catalogue.metrics, since)
    return sum(_record(notary, one, run) for one in seen)


def observe_deliveries(catalogue: Catalogue, code: CodeHost, notary: Notary, run: str) -> int:
    """Name the commits of every bundle that came to serve in production since the last publication."""
    served = notary.events(
        kinds=[EventKind.DEPLOYMENT_FINISHED],
        environment=catalogue.production.name,
        after=str(_height(notary, 1)),
    )
    told = 0
    for sha256 in dict.fromkeys(one.event.bundle for one in served if one.event.bundle):
        bases = _bases(notary, sha256)
        for carried in notary.bundle(sha256).components:
            component = catalogue.components.get(carried.name)
            if component is None:  # it left the catalogue: nobody can be asked
                continue
            project = component.gitlab_project
            commits = new_work(code.commits_between(project, bases.get(carried.name), carried.commit))
            seen = CommitsObserved(component=carried.name, bundle=sha256, commits=_observed(commits))
            told += _record(notary, seen, run)
    return told


def code_job(catalogue: Catalogue, code: CodeHost, notary: Notary) -> CodeJob:
    """What the code-observing pod is asked: each component at its lasting branch, with the commits since."""
    targets = []
    for component in catalogue.components.values():
        head = _lasting_head(code, component)
        if head is None:
            continue
        last = _last_look(notary, component.name)
        commits = _commits_since(code, component, last.commit if last else None, head)
        targets.append(
            CodeTarget(
                component=component,
                commit=head,
                since=last.commit if last else None,
                commits=_observed(commits),
            )
        )
    return CodeJob(targets=targets)


def rollup_job(catalogue: Catalogue, run: str, mode: str) -> RollupJob:
    """What the rollup's pod is asked."""
    return RollupJob(
        run=run,
        mode="full" if mode == "full" else "incremental",
        production=catalogue.production.name,
        rates=catalogue.metrics,
    )


def _height(notary: Notary, publications_ago: int) -> int:
    """The ledger's height at a publication some time ago; 0 where there were not so many."""
    published = notary.events(kinds=[EventKind.METRICS_PUBLISHED])
    if len(published) < publications_ago:
        return 0
    return int(published[-publications_ago].event.data["report"]["height"])


def _record(notary: Notary, seen: StoryObserved | IncidentObserved | CommitsObserved, run: str) -> bool:
    earlier = notary.events(kinds=[EventKind.METRICS_OBSERVED], subject=seen.subject)
    if earlier and earlier[-1].event.data.get("observation") == seen.document():
        return False
    notary.append(observation_event(seen, run, "platform"))
    return True


def _bases(notary: Notary, sha256: str) -> dict[str, str | None]:
    """Component → the commit that its candidate was compared with when the bundle was sealed."""
    sealed = notary.events(kinds=[EventKind.BUNDLE_SEALED], bundle=sha256)
    if not sealed or sealed[0].event.run is None:
        return {}
    admitted = notary.events(kinds=[EventKind.RUN_ADMITTED], run=sealed[0].event.run)
    plans = [Plan.model_validate(one.event.data["plan"]) for one in admitted]
    return {planned.name: planned.base for plan in plans for planned in plan.components}


def _last_look(notary: Notary, component: str) -> CodeObserved | None:
    seen: list[RecordedEvent] = notary.events(kinds=[EventKind.METRICS_OBSERVED], subject=component)
    for one in reversed(seen):
        try:
            found = OBSERVATION.validate_python(one.event.data["observation"])
        except ValidationError:  # of an older version of the platform
            continue
        if isinstance(found, CodeObserved):
            return found
    return None


def _lasting_head(code: CodeHost, component: Component) -> str | None:
    for name in (DEVELOP, MASTER):
        try:
            return code.branch(component.gitlab_project, name).commit
        except NotFound:
            continue
    return None


def _commits_since(code: CodeHost, component: Component, since: str | None, head: str) -> list[CommitInfo]:
    try:
        found = code.commits_between(component.gitlab_project, since, head)
    except NotFound:  # the branch was written anew: what was seen before counts once all the same
        found = code.commits_between(component.gitlab_project, None, head)
    return [commit for commit in found if len(commit.parents) < 2][:MOST_COMMITS]


def _observed(commits: list[CommitInfo]) -> list[ObservedCommit]:
    return [ObservedCommit.model_validate({"id": one.id, "at": one.authored_at}) for one in commits]
