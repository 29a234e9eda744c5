"""The door of prod_deploy: the story's newest bundle that ran in the environment before."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, Tracker
from hummingbird.paths.admit import Refusal, Request, frozen, read_story
from hummingbird.paths.running import deployed_bundle


def admit_prod(catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request) -> Plan | Refusal:
    """The plan of prod_deploy: the story's newest bundle that was deployed to the environment before."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    previous = catalogue.environment("prod").previous or "test"
    sha256 = deployed_bundle(notary, story.key, previous)
    if sha256 is None:
        return Refusal(
            why=f"{story.key} ({story.title}) has no bundle that ran in {previous}; run test_deploy first"
        )
    bundle = notary.bundle(sha256)
    planned = [PlannedComponent(name=c.name, branch="", commit=c.commit) for c in bundle.components]
    return frozen(catalogue, request, story, "prod", planned, sha256)
