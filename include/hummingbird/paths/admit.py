"""The door: a request is a plan, frozen and recorded, or a refusal in a sentence; nothing has started yet."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import CodeHost, Notary, Tracker
from hummingbird.core.record import Record
from hummingbird.core.story import Story, StoryKey, story_key
from hummingbird.paths.candidate import Candidate, find_candidate
from hummingbird.paths.running import DEPLOYMENTS, report_of, running_bundles
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


def read_story(catalogue: Catalogue, tracker: Tracker, text: object) -> Story | Refusal:
    """The story when it is well formed, ours, known and open; else the refusal."""
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
    if story.closed:
        return Refusal(why=f"{key} ({story.title}) is closed ({story.status}); reopen it to deliver it again")
    return story


def admit_test(
    catalogue: Catalogue, tracker: Tracker, code: CodeHost, notary: Notary, request: Request
) -> Plan | Refusal:
    """The plan of test_deploy: the story's candidates, with every co-travelling story deliverable."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    if story.status not in catalogue.stories.deliverable_statuses:
        expected = ", ".join(catalogue.stories.deliverable_statuses)
        return Refusal(why=f"{story.key} ({story.title}) is '{story.status}'; expected one of {expected}")
    candidates = _candidates(catalogue, code, notary, story.key)
    if isinstance(candidates, Refusal):
        return candidates
    travelling = _travelling(catalogue, tracker, candidates, story.key)
    if isinstance(travelling, Refusal):
        return travelling
    planned = [candidate.planned for candidate in candidates]
    return _plan(catalogue, request, story, "test", planned).model_copy(update={"travelling": travelling})


def admit_prod(catalogue: Catalogue, tracker: Tracker, notary: Notary, request: Request) -> Plan | Refusal:
    """The plan of prod_deploy: the story's newest bundle that was deployed to the environment before."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    previous = catalogue.environment("prod").previous or "test"
    sha256 = _deployed_bundle(notary, story.key, previous)
    if sha256 is None:
        return Refusal(
            why=f"{story.key} ({story.title}) has no bundle that ran in {previous}; run test_deploy first"
        )
    bundle = notary.bundle(sha256)
    planned = [PlannedComponent(name=c.name, branch="", commit=c.commit) for c in bundle.components]
    return _plan(catalogue, request, story, "prod", planned, sha256)


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
    sha256 = _deployed_bundle(notary, key, environment)
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
    return _plan(catalogue, request, story, environment, planned, target)


def record(notary: Notary, request: Request, outcome: Plan | Refusal) -> None:
    """Write the admission, or the refusal, to the ledger: once a run."""
    run = run_name(request.dag_id, request.run_id)
    if isinstance(outcome, Refusal):
        event = DeliveryEvent(
            kind=EventKind.RUN_REFUSED,
            key=f"run-refused:{run}",
            subject=run,
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


def _plan(
    catalogue: Catalogue,
    request: Request,
    story: Story,
    environment: str,
    components: list[PlannedComponent],
    bundle: str | None = None,
) -> Plan:
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


def _candidates(
    catalogue: Catalogue, code: CodeHost, notary: Notary, key: StoryKey
) -> list[Candidate] | Refusal:
    clusters = catalogue.environment("prod").clusters
    found, reasons = [], []
    for component in catalogue.components.values():
        if component.jira_project != key.split("-", maxsplit=1)[0]:
            continue
        candidate = find_candidate(code, notary, component, key, clusters)
        if isinstance(candidate, Candidate):
            found.append(candidate)
        else:
            reasons.append(candidate)
    return found or Refusal(why="; ".join(reasons))


def _travelling(
    catalogue: Catalogue, tracker: Tracker, candidates: list[Candidate], asked: StoryKey
) -> list[Story] | Refusal:
    """Every other story that the candidates carry; one that is not deliverable refuses, by name."""
    travelling: dict[StoryKey, Story] = {}
    for candidate in candidates:
        branch = candidate.planned.branch
        for key in candidate.stories:
            if key == asked or key in travelling:
                continue
            if not _is_story(catalogue, tracker, key):
                continue
            other = read_story(catalogue, tracker, key)
            if isinstance(other, Refusal):
                return Refusal(why=f"{branch} also carries {key}: {other.why}")
            if other.status not in catalogue.stories.deliverable_statuses:
                return Refusal(why=f"{branch} also carries {key} ({other.title}), which is '{other.status}'")
            travelling[key] = other
    return list(travelling.values())


def _is_story(catalogue: Catalogue, tracker: Tracker, key: StoryKey) -> bool:
    """Whether a mention is a story at all: UTF-8 and SHA-256 look like keys; a foreign story is one."""
    if key.split("-")[0] in {component.jira_project for component in catalogue.components.values()}:
        return True
    try:
        tracker.story(key)
    except NotFound:
        return False
    return True


def _deployed_bundle(notary: Notary, key: StoryKey, environment: str) -> str | None:
    good = (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED)
    for recorded in reversed(notary.events(kinds=DEPLOYMENTS, story=key, environment=environment)):
        if report_of(recorded).outcome in good:
            return recorded.event.bundle
    return None


def _predecessors(notary: Notary, sha256: str, environment: str) -> set[str | None]:
    reports = [
        report_of(recorded)
        for recorded in notary.events(kinds=DEPLOYMENTS, bundle=sha256, environment=environment)
    ]
    return {r.predecessor for r in reports if r.outcome is DeployOutcome.DEPLOYED}
