"""Warrants: issued when every gate is open, taken by the deployment that carries them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from hummingbird.core.errors import NotFound
from hummingbird.core.gate import Verdict
from hummingbird.core.record import Record
from hummingbird.core.warrant import Consumption, SignedWarrant
from hummingbird.notary.access import AnOffice, TicketHolder, tasks_only
from hummingbird.notary.breaking import witness
from hummingbird.notary.consuming import consume, deploy_job
from hummingbird.notary.decisions import Question
from hummingbird.notary.giving_way import jobs_at_work
from hummingbird.notary.issuing import Issued, issue
from hummingbird.notary.office import Office
from hummingbird.notary.replies import refusal
from hummingbird.notary.review_care import look_after
from hummingbird.notary.tickets import JobRow

router = APIRouter()
_OVER = ("success", "failed")


class Take(Record):
    """Where the warrant is taken."""

    cluster: str


@router.post("/warrants", dependencies=[Depends(tasks_only)], response_model=None)
def create(office: AnOffice, question: Question, response: Response) -> SignedWarrant | JSONResponse:
    """A new warrant (201), the run's open one (200), or 409 Refused with the verdict."""
    witness(office, question.run)
    catalogue = office.policy.current()
    with office.writing() as connection:
        found = issue(connection, catalogue, office.key, question)
        if isinstance(found, Issued) and found.use is not None:
            look_after(connection, found.use, office.messengers.ways, office.airflow_url)
    if isinstance(found, Verdict):
        office.call()
        return refusal(found.sentence, found)
    if found.use is not None:
        office.wake()
    response.status_code = 201 if found.created else 200
    return found.signed


@router.post("/warrants/{identity}/consume")
def take(office: AnOffice, row: TicketHolder, identity: str, asked: Take) -> Consumption:
    """Take a warrant for one cluster, by the ticket of the deployment that carries it."""
    ended = _ended(office, row)
    catalogue = office.policy.current()
    with office.writing() as connection:
        return consume(connection, catalogue, office.key, row, identity, asked.cluster, ended)


def _ended(office: Office, row: JobRow) -> frozenset[str]:
    """Jobs in the way whose Airflow runs are over: their pods went with the runs."""
    environment = deploy_job(row).environment.name
    with office.writing() as connection:
        at_work = jobs_at_work(connection, environment)
    over = {run for run in set(at_work.values()) - {row.run} if _is_over(office, run)}
    return frozenset(job for job, run in at_work.items() if run in over)


def _is_over(office: Office, run: str) -> bool:
    dag_id, _, run_id = run.partition("/")
    try:
        return office.airflow.dag_run(dag_id, run_id).get("state") in _OVER
    except NotFound:
        return True
