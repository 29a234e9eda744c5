"""What people take back: said by starting a run, re-read from Airflow before it counts."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from hummingbird.core.approval import RequestStatus
from hummingbird.notary.access import AnOffice, tasks_only
from hummingbird.notary.notices import tell_withdrawal
from hummingbird.notary.prompt import Unusable
from hummingbird.notary.replies import refusal
from hummingbird.notary.withdrawing import WithdrawalRun, read_run, withdraw

router = APIRouter()


@router.post("/withdrawals", dependencies=[Depends(tasks_only)], response_model=None)
def take_back(office: AnOffice, place: WithdrawalRun) -> list[RequestStatus] | JSONResponse:
    """The questions that the run's user took back; 409 Refused when there is none that they may."""
    wanted = read_run(office.airflow, place)
    if isinstance(wanted, Unusable):
        return refusal(wanted.why)
    catalogue = office.policy.current()
    with office.writing() as connection:
        taken = withdraw(connection, catalogue, wanted)
        if isinstance(taken, Unusable):
            return refusal(taken.why)
        for status in taken:
            tell_withdrawal(connection, catalogue, status, office.messengers.ways, office.airflow_url)
    office.wake()
    office.call()
    return taken
