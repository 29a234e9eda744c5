"""Who may call what: Airflow's tasks, readers, and pods by ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from hummingbird.core.errors import Denied
from hummingbird.notary.office import Office
from hummingbird.notary.tickets import JobRow, job_of_token
from hummingbird.notary.tokens import Unauthorised


def office_of(request: Request) -> Office:
    """The office that serves this request."""
    office: Office = request.app.state.office
    return office


AnOffice = Annotated[Office, Depends(office_of)]


def bearer(request: Request) -> str:
    """The bearer token; Unauthorised without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not token.strip():
        raise Unauthorised("send the header Authorization: Bearer <token>")
    return token.strip()


def tasks_only(office: AnOffice, token: Annotated[str, Depends(bearer)]) -> None:
    """Airflow's tasks."""
    if office.tokens.role_of(token) != "tasks":
        raise Denied("a reader's token reads only; this call is for tasks")


def reading(office: AnOffice, token: Annotated[str, Depends(bearer)]) -> None:
    """Tasks and readers."""
    office.tokens.role_of(token)


def ticket_holder(office: AnOffice, token: Annotated[str, Depends(bearer)]) -> JobRow:
    """A pod by its ticket."""
    with office.writing() as connection:
        job = job_of_token(connection, token)
    if job is None:
        raise Unauthorised("this ticket is unknown, replaced by a newer one, or expired")
    return job


TicketHolder = Annotated[JobRow, Depends(ticket_holder)]
