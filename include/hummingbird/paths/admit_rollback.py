"""The door of rollback: back to what ran before the story's bundle, in the clusters that run it."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.story import story_key
from hummingbird.paths.admit import Refusal, Request, frozen
from hummingbird.paths.running import came_from, clusters_running, deployed_bundle


def admit_rollback(
    catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request, environment: str
) -> Plan | Refusal:
    """The plan of rollback: the bundle to undo, and the clusters that run it and ran something before."""
    try:
        key = story_key(request.story)
        story = tracker.story(key)
    except (Invalid, NotFound) as error:
        return Refusal(why=str(error))
    stage = catalogue.environment(environment)
    sha256 = deployed_bundle(notary, key, environment)
    if sha256 is None:
        return Refusal(
            why=f"{key} ({story.title}) was never deployed to {environment}; there is nothing to undo"
        )
    bundle = notary.bundle(sha256)
    serving = clusters_running(notary, bundle, stage.clusters)
    if not serving:
        return Refusal(why=f"no cluster of {environment} runs the bundle {sha256[:12]} of {key} any more")
    back = [cluster for cluster in serving if any(came_from(notary, bundle, environment, cluster).values())]
    if not back:
        where = ", ".join(serving)
        return Refusal(
            why=f"nothing ran in {where} before bundle {sha256[:12]}: there is nothing to go back to"
        )
    planned = [PlannedComponent(name=c.name, branch="", commit=c.commit) for c in bundle.components]
    plan = frozen(catalogue, request, story, environment, planned, sha256)
    return plan.model_copy(update={"clusters": back})
