"""The door of emergency_deploy: what prod_deploy would bring, and why gates may be passed for it.

Said early, in a sentence; the notary reads incident, requester and what is owed back itself, and decides.
"""

from __future__ import annotations

from pydantic import ValidationError

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Emergency
from hummingbird.core.environment import Environment
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.story import story_key
from hummingbird.paths.admit import Refusal, Request, requester_of
from hummingbird.paths.admit_prod import admit_to


def admit_emergency(
    catalogue: Catalogue,
    tracker: Tracker,
    notary: Notary,
    request: Request,
    environment: str,
    incident: object,
    reason: object,
) -> Plan | Refusal:
    """The plan of an emergency: the bundle that ran in the environment before, an open incident, a reason."""
    stage = catalogue.environment(environment)
    emergency = _emergency(incident, reason)
    if isinstance(emergency, Refusal):
        return emergency
    why = _may_ask(catalogue, stage, request) or _no_incident(catalogue, tracker, emergency)
    if why is not None:
        return Refusal(why=why)
    plan = admit_to(catalogue, tracker, notary, request, stage)
    return plan if isinstance(plan, Refusal) else plan.model_copy(update={"emergency": emergency})


def _emergency(incident: object, reason: object) -> Emergency | Refusal:
    try:
        key = story_key(incident)
    except Invalid as error:
        return Refusal(why=f"incident: {str(error).partition(': ')[2]}")
    try:
        return Emergency(incident=key, reason=reason if isinstance(reason, str) else "")
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]["msg"]
        return Refusal(why=said.removeprefix("Value error, "))


def _may_ask(catalogue: Catalogue, stage: Environment, request: Request) -> str | None:
    if stage.emergency is None:
        return f"{stage.name} has no emergency rule in environments.yaml: nothing breaks the glass there"
    person = requester_of(catalogue, request.requester)
    may = [one.name for one in catalogue.holders_of_any(stage.emergency.started_by)]
    if person in may:
        return None
    who = person or "nobody"
    return f"{who} may not ask in an emergency; {' or '.join(stage.emergency.started_by)} may"


def _no_incident(catalogue: Catalogue, tracker: Tracker, emergency: Emergency) -> str | None:
    try:
        issue = tracker.issue(emergency.incident)
    except NotFound:
        return f"{emergency.incident} does not exist in the tracker; file the incident first"
    if issue.type.casefold() != catalogue.metrics.incident_type.casefold():
        return f"{issue.key} ({issue.title}) is of type {issue.type}, not {catalogue.metrics.incident_type}"
    if issue.closed:
        return f"{issue.key} ({issue.title}) is over ({issue.status}); an emergency has an open incident"
    return None
