"""Reviews of broken glass: answered in Airflow, re-read from there before they count."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from hummingbird.core.emergency import REVIEW_PATH, Review
from hummingbird.notary.access import AnOffice, tasks_only
from hummingbird.notary.emergencies import review_of, use_of
from hummingbird.notary.prompt import PromptPlace, Unusable, read_prompt
from hummingbird.notary.replies import refusal
from hummingbird.notary.review_care import tell_review
from hummingbird.notary.reviewing import take_review

router = APIRouter()


@router.post("/emergencies/{identity}/review", dependencies=[Depends(tasks_only)], response_model=None)
def review(office: AnOffice, identity: str, place: PromptPlace) -> Review | JSONResponse:
    """Re-read a review's prompt from Airflow and record what it says; 409 Refused when it does not count."""
    with office.reading() as connection:
        found = review_of(connection, use_of(connection, identity))
    if found is not None:
        return found
    # Airflow is asked outside of any transaction: it may take seconds.
    prompt = read_prompt(office.airflow, office.airflow_url, place, identity, REVIEW_PATH, "emergency")
    catalogue, page = office.policy.current(), place.page(office.airflow_url)
    with office.writing() as connection:
        taken = take_review(connection, catalogue, identity, place, prompt, page)
        if isinstance(taken, Review):
            tell_review(connection, taken, office.messengers.ways, office.airflow_url)
    office.wake()
    return refusal(taken.why) if isinstance(taken, Unusable) else taken
