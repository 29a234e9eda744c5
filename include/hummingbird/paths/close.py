"""After production serves: tag what was delivered, close the story, say so once."""

from __future__ import annotations

from collections.abc import Mapping

from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.story import StoryKey


def move_stories(tracker: Tracker, bundle: Bundle, status: str | None) -> None:
    """Bring every story of a bundle to a status; nothing where the environment names none."""
    if status is not None:
        for key in bundle.stories:
            tracker.move_to(key, status)


def reopen_story(catalogue: Catalogue, tracker: Tracker, plan: Plan, run: str) -> None:
    """A story that a person rolled back is work again: say so once, so that a later release may carry it."""
    where = f"{plan.environment} ({', '.join(plan.clusters)})" if plan.clusters else str(plan.environment)
    said = f"Rolled back in {where}: what ran before bundle {str(plan.bundle)[:12]} runs there again."
    tracker.comment_once(plan.story.key, f"hummingbird:undone:{run}", said)
    tracker.move_to(plan.story.key, catalogue.stories.undone_status)


def tag_release(
    catalogue: Catalogue,
    code: CodeHost,
    notary: Notary,
    bundle: Bundle,
    run: str,
    branches: Mapping[str, str] | None = None,
) -> list[str]:
    """Tag each component's commit `v<version>`; Conflict when the version was given to another commit.

    `branches`: component → the branch that its commit was delivered from, where it came from one.
    """
    tags = []
    for carried in bundle.components:
        name = f"v{carried.version}"
        key = f"tag:{carried.name}:{name}"
        project = catalogue.component(carried.name).gitlab_project
        code.tag_once(project, name, carried.commit, f"{bundle.story}: bundle {bundle.sha256}")
        tags.append(f"{carried.name} {name}")
        if notary.events(key=key):  # a later bundle may deliver the same version with other configuration
            continue
        branch = (branches or {}).get(carried.name)
        notary.append(
            DeliveryEvent(
                kind=EventKind.RELEASE_TAGGED,
                key=key,
                subject=f"{project}@{name}",
                story=bundle.story,
                bundle=bundle.sha256,
                component=carried.name,
                run=run,
                actor="platform",
                data={"tag": name, "commit": carried.commit, **({"branch": branch} if branch else {})},
            )
        )
    return tags


def close_stories(
    catalogue: Catalogue, tracker: Tracker, notary: Notary, bundle: Bundle, run: str
) -> list[StoryKey]:
    """Bring every delivered story to done, with one comment that names bundle and digests."""
    digests = ", ".join(f"{c.name} {c.version} {c.image.digest}" for c in bundle.components)
    for key in bundle.stories:
        marker = f"hummingbird:delivered:{bundle.sha256[:12]}"
        tracker.comment_once(
            key, marker, f"Delivered to production: {digests} (bundle {bundle.sha256[:12]})."
        )
        tracker.move_to(key, catalogue.stories.done_status)
        notary.append(
            DeliveryEvent(
                kind=EventKind.STORY_CLOSED,
                key=f"story-closed:{key}:{bundle.sha256}",
                subject=key,
                story=key,
                bundle=bundle.sha256,
                run=run,
                actor="platform",
                data={"resolution": catalogue.stories.done_status},
            )
        )
    return bundle.stories
