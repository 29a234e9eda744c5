"""The door: a request is a plan, frozen and recorded, or a refusal in a sentence; nothing has started yet."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.record import Record
from hummingbird.core.story import Story, StoryKey, story_key
from hummingbird.paths.runs import run_name


class Refusal(Record):
    """Why a request was not admitted."""

    why: str


class Request(Record):
    """Who asks for what, as the run brings it: nothing of it is trusted yet."""

    dag_id: str
    run_id: str
    story: object = None
    requester: str | None = None
    """Airflow user name, None when the platform itself triggered for a webhook."""


def requester_of(catalogue: Catalogue, user: str | None) -> str | None:
    """The person behind an Airflow user name, None for the platform; raises Invalid for a stranger."""
    if user is None or user == catalogue.platform_account:
        return None
    person = catalogue.person_of(airflow=user)
    if person is None:
        raise Invalid(f"Airflow user {user} is no person of the catalogue; add the account to roles.yaml")
    return person.name


def read_story(
    catalogue: Catalogue, tracker: Tracker, text: object, *, closed_too: bool = False
) -> Story | Refusal:
    """The story when it is well formed, ours, known and open (or closed, where that does not matter); else
    the refusal."""
    try:
        key = story_key(text)
    except Invalid as error:
        return Refusal(why=str(error))
    project = key.split("-")[0]
    ours = sorted({component.jira_project for component in catalogue.components.values()})
    if project not in ours:
        return Refusal(
            why=f"{key} is of project {project}; the platform delivers stories of {', '.join(ours)}"
        )
    try:
        story = tracker.story(key)
    except NotFound:
        return Refusal(why=f"{key} does not exist in the tracker; check the number")
    if story.closed and not closed_too:
        return Refusal(why=f"{key} ({story.title}) is closed ({story.status}); reopen it to deliver it again")
    return story


def record(notary: Notary, request: Request, outcome: Plan | Refusal) -> None:
    """Write the admission, or the refusal, to the ledger: once a run."""
    run = run_name(request.dag_id, request.run_id)
    if isinstance(outcome, Refusal):
        event = DeliveryEvent(
            kind=EventKind.RUN_REFUSED,
            key=f"run-refused:{run}",
            subject=run,
            story=_named_story(request.story),
            run=run,
            actor=request.requester or "platform",
            data={"why": outcome.why, "story": ascii(request.story)[:80]},
        )
    else:
        event = DeliveryEvent(
            kind=EventKind.RUN_ADMITTED,
            key=f"run-admitted:{run}",
            subject=run,
            story=outcome.story.key,
            bundle=outcome.bundle,
            environment=outcome.environment,
            run=run,
            actor=outcome.requester or "platform",
            data={"plan": outcome.document()},
        )
    notary.append(event)


def plan_of(notary: Notary, dag_id: str, run_id: str) -> Plan:
    """The frozen plan of a run; NotFound when the run was not admitted."""
    run = run_name(dag_id, run_id)
    recorded = notary.events(kinds=[EventKind.RUN_ADMITTED], run=run)
    if not recorded:
        raise NotFound(
            f"run {run} has no admitted plan in the ledger; its first task must run before this one"
        )
    return Plan.model_validate(recorded[0].event.data["plan"])


def frozen(
    catalogue: Catalogue,
    request: Request,
    story: Story,
    environment: str,
    components: list[PlannedComponent],
    bundle: str | None = None,
) -> Plan:
    """The plan of a request with today's policy."""
    return Plan(
        dag_id=request.dag_id,
        run_id=request.run_id,
        story=story,
        requester=requester_of(catalogue, request.requester),
        environment=environment,
        components=components,
        bundle=bundle,
        policy_version=catalogue.policy_version,
    )


def _named_story(text: object) -> StoryKey | None:
    """The key that was asked for, so that whoever looks for it finds the refusal; None where it is no key."""
    try:
        return story_key(text)
    except Invalid:
        return None
