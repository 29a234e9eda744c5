"""The question in the tracker: an issue for each signature, in the ledger's words; closed when it is over."""

from __future__ import annotations

from hummingbird.core.answer_issue import AnswerIssues
from hummingbird.core.approval import RequestState, RequestStatus, Signature
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.story import StoryKey, story_key
from hummingbird.ledger.append import append, take_pen
from hummingbird.notary.errands import Errand
from hummingbird.notary.messengers import Desk
from hummingbird.notary.office import Office
from hummingbird.notary.plain_text import plain
from hummingbird.notary.requests import request_event, shown_in, shown_key, status_of

_LONGEST = 2000


def show(office: Office, errand: Errand) -> None:
    """Make the issues that are missing; one that is found is not made again."""
    request = errand.request
    catalogue, desk = office.policy.current(), office.messengers.desk
    if desk is None or catalogue.answers is None:
        return
    with office.reading() as connection:
        status, shown = status_of(connection, request), shown_in(connection, request)
    given = {approval.number for approval in status.approvals}
    for signature in status.request.signatures:
        if status.state is RequestState.OPEN and signature.number not in {*given, *shown}:
            _show(office, desk, catalogue, status, signature)


def close_issues(office: Office, errand: Errand) -> None:
    """Nobody needs to answer there any more: in all, or in the one that the errand names.

    What was answered there stays as it is.
    """
    request, why = errand.request, errand.why
    catalogue, desk = office.policy.current(), office.messengers.desk
    if desk is None or catalogue.answers is None:
        return
    with office.reading() as connection:
        status, shown = status_of(connection, request), shown_in(connection, request)
    answered = {approval.source for approval in status.approvals}
    for number, issue in shown.items():
        if errand.number in (None, number) and page_of(office, issue) not in answered:
            _close(desk, catalogue.answers, story_key(issue), request, why)


def page_of(office: Office, issue: str) -> str:
    """The issue's page for people."""
    return f"{office.messengers.desk_url}/browse/{issue}"


def _show(
    office: Office, desk: Desk, catalogue: Catalogue, status: RequestStatus, signature: Signature
) -> None:
    where = catalogue.answers
    assert where is not None
    request = status.request
    title = f"{request.story} → {request.environment}: {request.operation} asks {signature.role}"
    label = f"hummingbird-{status.id}-{signature.number}"
    people = [catalogue.persons[name] for name in signature.candidates if name in catalogue.persons]
    accounts = [person.jira for person in people if person.jira]
    issue = desk.question_once(where, label, title, _lines(status, signature, where), accounts)
    with office.writing() as connection:
        take_pen(connection)
        data = {"number": signature.number, "issue": issue}
        append(connection, request_event(request, EventKind.APPROVAL_SHOWN, shown_key(issue), "notary", data))
        now = status_of(connection, status.id)
    desk.link_once(
        request.story,
        f"hummingbird:approval:{status.id}:{signature.number}",
        page_of(office, issue),
        f"Answer as {signature.role}: {issue}",
    )
    if now.state is not RequestState.OPEN or any(a.number == signature.number for a in now.approvals):
        _close(desk, where, issue, status.id, now.why)


def _close(desk: Desk, where: AnswerIssues, issue: StoryKey, request: str, why: str) -> None:
    try:
        # A rejected issue is brought back first: no way leads from an answer to the end.
        if desk.look(issue).status in (where.approved, where.rejected):
            desk.move_to(issue, where.waiting)
        desk.move_to(issue, where.closed)
        desk.comment_once(
            issue, f"hummingbird:over:{request}", plain(f"Nobody needs to answer here: {why}", _LONGEST)
        )
    except (NotFound, Conflict):
        return  # gone, or moved by hand: the ledger says what counts


def _lines(status: RequestStatus, signature: Signature, where: AnswerIssues) -> list[str]:
    """What the approver reads, three lines first; the tracker shows every line as it is written."""
    request = status.request
    brief = request.brief
    return [
        plain(f"What changes: {brief.changes}", _LONGEST),
        plain(f"What is different from what runs: {brief.different}", _LONGEST),
        plain(f"What could hurt: {brief.risk}", _LONGEST),
        plain(
            f"Asked by {request.requester or 'the platform'} for {signature.role}, until "
            f"{request.expires_at:%Y-%m-%d %H:%M} UTC. Move this issue to {where.approved}, or write the "
            f"reason as a comment and move it to {where.rejected}. Whoever moves it signs.",
            _LONGEST,
        ),
        *(f"• {plain(detail, 500)}" for detail in brief.details),
    ]
