"""The door of approval and promote, which other paths start: they act on what the ledger already holds."""

from __future__ import annotations

from hummingbird.core.approval import RequestState
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.story import story_key
from hummingbird.paths.admit import Refusal, Request, plan_of, read_story, requester_of
from hummingbird.paths.runs import split_run_name


def admit_approval(notary: Notary, request: Request, asked: str) -> Plan | Refusal:
    """The plan of an approval run: that of the run which asked."""
    try:
        status = notary.request(asked)
    except NotFound:
        return Refusal(
            why=f"approval request {ascii(asked)[:40]} is not in the ledger; paths ask, people answer"
        )
    if status.state is not RequestState.OPEN:
        return Refusal(why=f"approval request {status.id[:12]} is {status.state.value}: {status.why}")
    asking = plan_of(notary, *split_run_name(status.request.asked_by))
    return asking.model_copy(
        update={
            "dag_id": request.dag_id,
            "run_id": request.run_id,
            "bundle": status.request.bundle,
            "emergency": None,
        }
    )


def admit_withdrawal(catalogue: Catalogue, notary: Notary, request: Request, reason: str) -> Plan | Refusal:
    """The plan of taking something back: the story as it was last admitted, so that no tracker is needed."""
    key = story_key(request.story)
    if not reason.strip():
        return Refusal(why="taking something back needs a reason: whoever waits or signed hears it")
    admitted = notary.events(kinds=[EventKind.RUN_ADMITTED], story=key)
    if not admitted:
        return Refusal(why=f"no run was admitted for {key}; there is nothing to take back")
    last = Plan.model_validate(admitted[-1].event.data["plan"])
    return Plan(
        dag_id=request.dag_id,
        run_id=request.run_id,
        story=last.story,
        requester=requester_of(catalogue, request.requester),
        policy_version=catalogue.policy_version,
    )


def admit_promotion(
    catalogue: Catalogue,
    tracker: Tracker,
    notary: Notary,
    request: Request,
    sha256: str | None,
    environment: str,
) -> Plan | Refusal:
    """The plan of a promotion: only what people approved for that environment is copied there."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    stage = catalogue.environment(environment)
    approved = [
        asked.event.bundle
        for asked in notary.events(kinds=[EventKind.APPROVAL_ASKED], story=story.key, environment=environment)
        if notary.request(asked.event.subject).state is RequestState.APPROVED
    ]
    wanted = sha256 or (approved[-1] if approved else None)
    if stage.approval.named_roles and wanted not in approved:
        named = f"bundle {wanted[:12]} is not" if wanted else "no bundle of the story is"
        return Refusal(why=f"{named} approved for {environment}, which takes only what people approved")
    if wanted is None:
        return Refusal(why=f"{story.key} has no bundle to promote to {environment}; name one")
    notary.bundle(wanted)
    return Plan(
        dag_id=request.dag_id,
        run_id=request.run_id,
        story=story,
        requester=requester_of(catalogue, request.requester),
        environment=environment,
        bundle=wanted,
        policy_version=catalogue.policy_version,
    )
