"""Taking back: a signer the signature, the requester the question, as long as a pod has not used it."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field
from sqlalchemy import Connection, select

from hummingbird.core.approval import Decision, RequestState, RequestStatus, Withdrawal
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.person import Person
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey, story_key
from hummingbird.core.warrant import Warrant
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.schema import warrant_use as uses
from hummingbird.ledger.views import events, newest
from hummingbird.notary.closing import close_request
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.office import Airflow
from hummingbird.notary.plain_text import plain
from hummingbird.notary.prompt import Unusable
from hummingbird.notary.requests import request_event, status_of, withdrawal_of, withdrawn_key

WITHDRAW_DAG = "withdraw"
_REASON_LONGEST = 500
_STARTED_BY_A_PERSON = "manual"
"""Airflow's run type; a run that another run started bears that one's user as well."""


class WithdrawalRun(Record):
    """The run that somebody started to take something back."""

    dag_id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,250}$")
    run_id: str = Field(pattern=r"^[A-Za-z0-9_.~:+-]{1,250}$")

    @property
    def name(self) -> str:
        """`dag_id/run_id`."""
        return f"{self.dag_id}/{self.run_id}"


class TakenBack(Record):
    """What a user wants, as Airflow has it; nothing here has been judged yet."""

    user: str
    story: StoryKey
    environment: str | None
    reason: str
    run: str


class Part(NamedTuple):
    """A request that a person may take back, and what of it."""

    status: RequestStatus
    whole: bool
    begun: list[str]


def read_run(airflow: Airflow, place: WithdrawalRun) -> TakenBack | Unusable:
    """Re-read the run from Airflow: who started it, and with which words; Unreachable when it is silent."""
    if place.dag_id != WITHDRAW_DAG:
        return Unusable(why=f"what is taken back is said in DAG {WITHDRAW_DAG}, not in {place.dag_id}")
    try:
        run = airflow.dag_run(place.dag_id, place.run_id)
    except NotFound:
        return Unusable(why=f"run {place.name} is not in Airflow")
    user, conf = run.get("triggering_user_name"), run.get("conf") or {}
    if not user or run.get("run_type") != _STARTED_BY_A_PERSON:
        return Unusable(why=f"run {place.name} was not started by a person")
    try:
        story = story_key(conf.get("story"))
    except Invalid as error:
        return Unusable(why=str(error))
    reason = plain(str(conf.get("reason") or ""), _REASON_LONGEST)
    if not reason:
        return Unusable(why="taking something back needs a reason")
    where = conf.get("environment")
    return TakenBack(
        user=str(user),
        story=story,
        environment=str(where) if where else None,
        reason=reason,
        run=place.name,
    )


def withdraw(
    connection: Connection, catalogue: Catalogue, wanted: TakenBack
) -> list[RequestStatus] | Unusable:
    """End every question about the story that the person asked or signed; the same run again ends the same.

    A person keeps this right without the role: taking back opens nothing.
    """
    take_pen(connection)
    person = catalogue.person_of(airflow=wanted.user)
    if person is None:
        return Unusable(why=f"Airflow user {plain(wanted.user, 60)} is no person of the catalogue")
    asked = events(
        connection,
        kinds=[EventKind.APPROVAL_ASKED],
        story=wanted.story,
        environment=wanted.environment,
        newest_first=True,
    )
    done, parts, whys = [], [], []
    for recorded in asked:
        status = status_of(connection, recorded.event.subject)
        before = withdrawal_of(connection, status.id)
        if before is not None and before.run == wanted.run:
            done.append(status)
            continue
        part = _part(connection, status, person)
        if isinstance(part, Part):
            parts.append(part)
        else:
            whys.append(part)
    done += [_end(connection, part, person, wanted) for part in parts]
    return done or Unusable(why=_nothing(wanted, person, whys))


def _part(connection: Connection, status: RequestStatus, person: Person) -> Part | str:
    """What the person may take back of a request, else why nothing."""
    request, where = status.request, f"{status.request.operation} to {status.request.environment}"
    if status.state not in (RequestState.OPEN, RequestState.APPROVED):
        return f"the {where} is {status.state.value}: {status.why}"
    if request.expires_at <= database_now(connection):
        return f"the approvals of the {where} expired at {request.expires_at:%Y-%m-%d %H:%M} UTC"
    whole = request.requester == person.name
    signed = [a for a in status.approvals if a.person == person.name and a.decision is Decision.APPROVED]
    if not whole and not signed:
        return f"{person.name} neither asked for the {where} nor signed it"
    begun, clusters = _begun(connection, status)
    if clusters and set(clusters) <= set(begun):
        return f"the {where} has begun in {', '.join(begun)}: nothing is left to stop; a rollback undoes it"
    return Part(status, whole, begun)


def _begun(connection: Connection, status: RequestStatus) -> tuple[list[str], list[str]]:
    """Clusters in which a pod took the warrant to change something, and all that the newest warrant names."""
    request = status.request
    place = {"run": request.asked_by, "bundle": request.bundle, "environment": request.environment}
    issued = newest(connection, EventKind.WARRANT_ISSUED, **place)
    if issued is None:
        return [], []
    warrant = Warrant.model_validate(issued.event.data["warrant"])
    if warrant.approval != status.id:
        return [], []
    rows = connection.execute(
        select(uses.c.cluster).where(
            uses.c.run == request.asked_by,
            uses.c.bundle == request.bundle,
            uses.c.environment == request.environment,
            uses.c.outcome.is_distinct_from(DeployOutcome.REFUSED.value),
        )
    )
    return sorted(set(rows.scalars())), warrant.clusters


def _end(connection: Connection, part: Part, person: Person, wanted: TakenBack) -> RequestStatus:
    status = part.status
    withdrawal = Withdrawal(
        request=status.id,
        person=person.name,
        whole=part.whole,
        reason=wanted.reason,
        begun=part.begun,
        run=wanted.run,
    )
    kind, key = EventKind.APPROVAL_WITHDRAWN, withdrawn_key(status.id)
    data = {"withdrawal": withdrawal.document(), "airflow": {"user": wanted.user}}
    append(connection, request_event(status.request, kind, key, person.name, data))
    after = status_of(connection, status.id)
    if status.state is RequestState.OPEN:
        close_request(connection, after)
        for what in (What.CLOSE_PROMPTS, What.WAKE):
            enqueue_errand(connection, Errand(what=what, request=status.id, why=after.why))
    else:
        enqueue_errand(connection, Errand(what=What.LEAVE_LINE, request=status.id, why=after.why))
    return after


def _nothing(wanted: TakenBack, person: Person, whys: list[str]) -> str:
    if not whys:
        where = f" for {plain(wanted.environment, 40)}" if wanted.environment else ""
        return f"nobody was asked about {wanted.story}{where}"
    return f"{person.name} has nothing to take back of {wanted.story}: {'; '.join(whys[:3])}"
