"""Tickets: a task hands a job to a pod."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import Field

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.job import AnyJob, Job, RegressionJob, SuiteJob, Ticket, job_id
from hummingbird.core.record import Record
from hummingbird.notary.access import AnOffice, tasks_only
from hummingbird.notary.tickets import find_job, issue_ticket
from hummingbird.notary.vetting import vet

router = APIRouter()


class TicketRequest(Record):
    """A job of a run's task."""

    run: str = Field(min_length=3, max_length=600)
    task: str = Field(min_length=1, max_length=300)
    job: Job


@router.post("/tickets", dependencies=[Depends(tasks_only)])
def create(office: AnOffice, asked: TicketRequest) -> Ticket:
    """Find or create the job; a new token ends the one before, a job with a result gets none."""
    catalogue = office.policy.current()
    deadline = _deadline_seconds(catalogue, asked.job)
    with office.writing() as connection:
        # A job that exists was vetted by the catalogue of its time, and may be finished under it.
        if find_job(connection, job_id(asked.run, asked.task, asked.job)) is None:
            vet(connection, catalogue, office.key, asked.job)
        return issue_ticket(connection, asked.run, asked.task, asked.job, deadline)


def _deadline_seconds(catalogue: Catalogue, job: AnyJob) -> int:
    if isinstance(job, SuiteJob):
        return max(job.suite.timeout_seconds, catalogue.tooling.deadline_seconds)
    if isinstance(job, RegressionJob):
        return job.rule.deadline_seconds
    return catalogue.tooling.deadline_seconds
