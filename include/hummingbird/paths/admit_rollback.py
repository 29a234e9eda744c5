"""The door of rollback: back to what ran before the story's bundle in an environment."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.story import story_key
from hummingbird.paths.admit import Refusal, Request, frozen
from hummingbird.paths.running import DEPLOYMENTS, deployed_bundle, report_of, running_bundles


def admit_rollback(
    catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request, environment: str
) -> Plan | Refusal:
    """The plan of rollback: back to what ran before the story's bundle in that environment."""
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
    for component in notary.bundle(sha256).components:
        for cluster, running in running_bundles(notary, component.name, stage.clusters).items():
            if running is None or running.sha256 != sha256:
                now = f"bundle {running.sha256[:12]}" if running else "nothing"
                return Refusal(why=f"{cluster} does not run the bundle of {key} any more but {now}")
    targets = _predecessors(notary, sha256, environment)
    if len(targets) != 1 or None in targets:
        return Refusal(why=f"bundle {sha256[:12]} has no single predecessor in {environment} to go back to")
    target = next(iter(targets))
    planned = [
        PlannedComponent(name=c.name, branch="", commit=c.commit)
        for c in notary.bundle(str(target)).components
    ]
    return frozen(catalogue, request, story, environment, planned, target)


def _predecessors(notary: Notary, sha256: str, environment: str) -> set[str | None]:
    reports = [
        report_of(recorded)
        for recorded in notary.events(kinds=DEPLOYMENTS, bundle=sha256, environment=environment)
    ]
    return {r.predecessor for r in reports if r.outcome is DeployOutcome.DEPLOYED}
