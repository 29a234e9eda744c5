"""Other systems are asked for what delivered work cost, brought and broke; only what is new is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from builders import a_bundle, a_component, the_catalogue
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.metric import Rates
from hummingbird.core.observation import OBSERVATION, IncidentObserved, StoryObserved, observation_event
from hummingbird.core.story import StoryKey, story_key
from hummingbird.paths.observing import code_job, observe_deliveries, observe_stories
from world_in_memory import MemoryCode, MemoryNotary

CATALOGUE = the_catalogue()
RUN, NEXT_RUN = "metric_rollup/1", "metric_rollup/2"
TODAY = date(2026, 11, 23)


@dataclass
class MemoryMeasures:
    """Measures by story."""

    stories: dict[str, StoryObserved] = field(default_factory=dict)
    found: list[IncidentObserved] = field(default_factory=list)

    def story_measures(self, key: StoryKey, rates: Rates) -> StoryObserved | None:
        return self.stories.get(key)

    def incidents(self, rates: Rates, since: date) -> list[IncidentObserved]:
        return self.found


def _tell(notary: MemoryNotary, kind: EventKind, key: str, **fields: Any) -> None:
    notary.append(DeliveryEvent(kind=kind, key=key, actor="platform", **{"subject": key, **fields}))


def _observations(notary: MemoryNotary) -> list[dict[str, Any]]:
    return [one.event.data["observation"] for one in notary.events(kinds=[EventKind.METRICS_OBSERVED])]


def test_a_delivered_story_s_measures_are_recorded_when_they_differ_from_the_last() -> None:
    notary, jira = MemoryNotary(), MemoryMeasures()
    _tell(notary, EventKind.STORY_CLOSED, "story-closed:1", story="HB-101")
    _tell(notary, EventKind.STORY_CLOSED, "story-closed:2", story="HB-998")
    jira.stories["HB-101"] = StoryObserved(story=story_key("HB-101"), value=5, worked_seconds=3600)
    assert observe_stories(CATALOGUE, jira, notary, RUN, TODAY) == 1
    assert observe_stories(CATALOGUE, jira, notary, NEXT_RUN, TODAY) == 0
    jira.stories["HB-101"] = StoryObserved(story=story_key("HB-101"), value=8, worked_seconds=3600)
    assert observe_stories(CATALOGUE, jira, notary, "metric_rollup/3", TODAY) == 1
    # Back to what it was once: said anew, for the newest counts.
    jira.stories["HB-101"] = StoryObserved(story=story_key("HB-101"), value=5, worked_seconds=3600)
    assert observe_stories(CATALOGUE, jira, notary, "metric_rollup/4", TODAY) == 1
    assert [one["value"] for one in _observations(notary)] == [5, 8, 5]


def test_the_commits_of_a_delivery_begin_where_its_candidate_was_compared() -> None:
    notary, code = MemoryNotary(), MemoryCode()
    before = code.write("develop", "HB-100 old")
    first = code.write("develop", "HB-101 one")
    second = code.write("develop", "HB-101 two")
    bundle = a_bundle(a_component(commit=second))
    run = "test_deploy/HB-101.1__test_deploy"
    planned = {"name": "order-gateway", "branch": "release/1.1.0", "commit": second, "base": before}
    plan = {
        "dag_id": "test_deploy",
        "run_id": "HB-101.1__test_deploy",
        "story": {"key": "HB-101", "project": "HB", "title": "x", "status": "x", "closed": False, "url": "x"},
        "requester": None,
        "components": [planned],
        "policy_version": "a" * 64,
    }
    _tell(notary, EventKind.RUN_ADMITTED, "admitted", run=run, data={"plan": plan})
    notary.seal(bundle, run)
    _tell(notary, EventKind.BUNDLE_SEALED, "sealed", run=run, bundle=bundle.sha256)
    served = {"environment": "prod", "bundle": bundle.sha256, "data": {"report": {}}}
    for cluster in ("one", "two"):
        _tell(notary, EventKind.DEPLOYMENT_FINISHED, cluster, cluster=cluster, **served)
    assert observe_deliveries(CATALOGUE, code, notary, RUN) == 1
    assert observe_deliveries(CATALOGUE, code, notary, NEXT_RUN) == 0
    (seen,) = _observations(notary)
    assert (seen["component"], seen["bundle"]) == ("order-gateway", bundle.sha256)
    assert [one["id"] for one in seen["commits"]] == [second, first]


def test_code_is_looked_at_where_it_lasts_and_commits_are_told_since_the_last_look() -> None:
    notary, code = MemoryNotary(), MemoryCode()
    first = code.write("develop", "HB-100 old")
    code.write("feature/HB-101", "HB-101 not yet", base="develop")
    (target,) = code_job(CATALOGUE, code, notary).targets
    assert (target.component.name, target.commit, target.since) == ("order-gateway", first, None)
    assert [one.id for one in target.commits] == [first]
    seen = {"about": "code", "component": "order-gateway", "commit": first, "lines": {"python": 1}}
    notary.append(observation_event(OBSERVATION.validate_python(seen), RUN, "job:1"))
    second = code.write("develop", "HB-101 new")
    (target,) = code_job(CATALOGUE, code, notary).targets
    assert (target.commit, target.since, [one.id for one in target.commits]) == (second, first, [second])
