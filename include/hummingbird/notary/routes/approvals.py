"""Approvals: asked once, answered in Airflow, re-read from there before they count."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from hummingbird.core.approval import RequestStatus
from hummingbird.core.artifact import Sha256
from hummingbird.core.gate import Verdict
from hummingbird.core.record import Record
from hummingbird.core.warrant import Operation
from hummingbird.notary.access import AnOffice, reading, tasks_only
from hummingbird.notary.answering import given, signature_of, take_answer
from hummingbird.notary.asking import Asked, ask
from hummingbird.notary.breaking import witness
from hummingbird.notary.decisions import Question
from hummingbird.notary.notices import tell_rejection, watch_over
from hummingbird.notary.prompt import PromptPlace, Unusable, read_prompt
from hummingbird.notary.replies import refusal
from hummingbird.notary.requests import status_of

router = APIRouter()


class Ask(Record):
    """What people shall agree to."""

    bundle: Sha256
    environment: str
    operation: Operation
    requester: str | None = None
    run: str


@router.post("/approvals", dependencies=[Depends(tasks_only)], response_model=None)
def create(office: AnOffice, asked: Ask, response: Response) -> RequestStatus | JSONResponse:
    """Find (200) or create (201) a run's request; 409 Refused while a gate forbids asking."""
    witness(office, asked.run)
    catalogue = office.policy.current()
    with office.writing() as connection:
        found = ask(connection, catalogue, office.key, Question.model_validate(asked.model_dump()))
        if isinstance(found, Asked) and found.created:
            watch_over(connection, found.status, office.messengers.ways, office.airflow_url)
    if isinstance(found, Verdict):
        return refusal(found.sentence, found)
    if found.created:
        office.wake()
    response.status_code = 201 if found.created else 200
    return found.status


@router.get("/approvals/{identity}", dependencies=[Depends(reading)])
def status(office: AnOffice, identity: str) -> RequestStatus:
    """A request and where it stands now."""
    with office.reading() as connection:
        return status_of(connection, identity)


@router.post("/approvals/{identity}/answers", dependencies=[Depends(tasks_only)], response_model=None)
def answer(office: AnOffice, identity: str, place: PromptPlace) -> RequestStatus | JSONResponse:
    """Re-read one prompt from Airflow and record what it says; 409 Refused when it does not count."""
    with office.reading() as connection:
        before = status_of(connection, identity)
    signature_of(before, place.number)
    if given(before, place.number):
        return before
    # Airflow is asked outside of any transaction: it may take seconds.
    prompt = read_prompt(office.airflow, office.airflow_url, place, identity)
    catalogue, page = office.policy.current(), place.page(office.airflow_url)
    with office.writing() as connection:
        taken = take_answer(connection, catalogue, identity, place, prompt, page)
        if isinstance(taken, RequestStatus):
            tell_rejection(connection, catalogue, taken, office.messengers.ways, office.airflow_url)
    office.wake()
    return refusal(taken.why) if isinstance(taken, Unusable) else taken
