"""Nights: a task opens the queue and closes it, pods pull from it by their tickets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import Conflict
from hummingbird.core.event import RecordedEvent
from hummingbird.core.night_queue import DoneCase, NextCase, StoredNight
from hummingbird.core.record import Record
from hummingbird.ledger.append import database_now
from hummingbird.notary.access import AnOffice, TicketHolder, bearer, reading, tasks_only
from hummingbird.notary.night_closing import close_night
from hummingbird.notary.night_opening import PULLING, open_night
from hummingbird.notary.night_queue import keep_alive, next_case
from hummingbird.notary.night_report import report_of
from hummingbird.notary.tickets import JobRow

router = APIRouter()
Token = Annotated[str, Depends(bearer)]


class NightOpening(Record):
    """A run whose pods have selected."""

    run: str = Field(min_length=3, max_length=600)


class NightClosing(Record):
    """A run whose cases are executed, and where its report lies."""

    run: str = Field(min_length=3, max_length=600)
    stored: StoredNight


class Asking(Record):
    """A pod begins, or is done with a case."""

    done: DoneCase | None = None


class Alive(Record):
    """A pod is still at work on a case."""

    number: int = Field(ge=0)


@router.post("/nights", dependencies=[Depends(tasks_only)])
def open_queue(office: AnOffice, asked: NightOpening) -> dict[str, Any]:
    """Fill the run's queue from what its pods selected; again is the same queue."""
    with office.writing() as connection:
        return {"run": asked.run, "cases": open_night(connection, office.policy.current(), asked.run)}


@router.get("/nights", dependencies=[Depends(reading)])
def read(office: AnOffice, run: Annotated[str, Query(min_length=3)]) -> dict[str, Any]:
    """The night so far."""
    with office.reading() as connection:
        return report_of(connection, run).document()


@router.post("/nights/close", dependencies=[Depends(tasks_only)])
def close(office: AnOffice, asked: NightClosing) -> RecordedEvent:
    """Record the night; 409 names what was selected and not executed."""
    with office.writing() as connection:
        return close_night(connection, asked.run, asked.stored)


@router.post("/nights/next")
def pull(office: AnOffice, row: TicketHolder, token: Token, asked: Asking) -> NextCase:
    """Report a case and take the next; the same question again has the same answer."""
    run = _night_of(row)
    with office.writing() as connection:
        now = database_now(connection)
        return next_case(connection, run, row.id, sha256_hex(token.encode("utf-8")), asked.done, now)


@router.post("/nights/alive")
def alive(office: AnOffice, row: TicketHolder, token: Token, asked: Alive) -> dict[str, bool]:
    """Keep a case; `kept` is false when it is another pod's now."""
    run = _night_of(row)
    with office.writing() as connection:
        now = database_now(connection)
        kept = keep_alive(connection, run, sha256_hex(token.encode("utf-8")), asked.number, now)
    return {"kept": kept}


def _night_of(row: JobRow) -> str:
    if row.kind != PULLING:
        raise Conflict(f"this ticket is for a {row.kind} job; only a {PULLING} job pulls cases")
    return row.run
