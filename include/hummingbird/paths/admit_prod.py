"""The door of prod_deploy: the story's newest bundle that ran in the environment before.

Where some clusters run it already, the run is about the others alone.
"""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.errors import Invalid
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, Tracker
from hummingbird.paths.admit import Refusal, Request, frozen, read_story
from hummingbird.paths.running import clusters_running, deployed_bundle


def admit_prod(catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request) -> Plan | Refusal:
    """The plan of prod_deploy: the story's newest bundle that was deployed to the environment before."""
    return admit_to(catalogue, tracker, notary, request, catalogue.environment_of(request.dag_id))


def admit_to(
    catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request, stage: Environment
) -> Plan | Refusal:
    """The plan of bringing the story's newest bundle of the environment before to an environment."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    if stage.previous is None:
        raise Invalid(
            f"environment {stage.name} names no previous one to take bundles from; see environments.yaml"
        )
    previous = catalogue.environment(stage.previous)
    sha256 = deployed_bundle(notary, story.key, previous.name)
    if sha256 is None:
        return Refusal(
            why=f"{story.key} ({story.title}) has no bundle that ran in {previous.name}; "
            f"run {previous.path or 'its deployment'} first"
        )
    bundle = notary.bundle(sha256)
    planned = [PlannedComponent(name=c.name, branch="", commit=c.commit) for c in bundle.components]
    serving = clusters_running(notary, bundle, stage.clusters)
    missing = [cluster for cluster in stage.clusters if cluster not in serving]
    plan = frozen(catalogue, request, story, stage.name, planned, sha256)
    return plan.model_copy(update={"clusters": missing or stage.clusters})
