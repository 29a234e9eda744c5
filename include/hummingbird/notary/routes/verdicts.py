"""What the gates say now."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from hummingbird.core.gate import Verdict
from hummingbird.notary.access import AnOffice, tasks_only
from hummingbird.notary.decisions import Question, Stage, decide_and_record

router = APIRouter()


class StagedQuestion(Question):
    """A question and which gates to ask."""

    stage: Stage


@router.post("/verdicts", dependencies=[Depends(tasks_only)])
def verdict(office: AnOffice, asked: StagedQuestion) -> Verdict:
    """Ask the gates and record what they say."""
    catalogue = office.policy.current()
    question = Question.model_validate(asked.model_dump(exclude={"stage"}))
    with office.writing() as connection:
        return decide_and_record(connection, catalogue, office.key, question, asked.stage).verdict
