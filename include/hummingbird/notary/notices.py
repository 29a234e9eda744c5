"""What people are told about a question: whoever is waited for, now and once more; whoever must hear a no."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.approval_rule import Involvement
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.notice import Notice, Occasion, Way
from hummingbird.notary.deployments import find_bundle
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.involvement import involved
from hummingbird.notary.plain_text import plain

WATCHED_EVERY = timedelta(minutes=5)


def watch_over(connection: Connection, status: RequestStatus, ways: Iterable[Way], url: str) -> None:
    """Tell people now and at half of the validity; look after the question until it is closed."""
    request = status.request
    if status.state is not RequestState.OPEN:
        return
    tell(connection, status, waited_for(status), Occasion.ASKED, ways, url)
    half = request.asked_at + (request.expires_at - request.asked_at) / 2
    enqueue_errand(connection, Errand(what=What.SHOW, request=status.id))
    enqueue_errand(connection, Errand(what=What.REMIND, request=status.id), half)
    enqueue_errand(connection, Errand(what=What.WATCH, request=status.id), request.asked_at + WATCHED_EVERY)
    enqueue_errand(connection, Errand(what=What.EXPIRE, request=status.id), request.expires_at)


def tell_rejection(
    connection: Connection, catalogue: Catalogue, status: RequestStatus, ways: Iterable[Way], url: str
) -> None:
    """The requester and the authors hear a no and its reason."""
    if status.state is not RequestState.REJECTED:
        return
    request = status.request
    parts = involved(connection, catalogue, find_bundle(connection, request.bundle), request.requester)
    people = [n for n, of in parts.items() if not {Involvement.REQUESTER, Involvement.AUTHOR}.isdisjoint(of)]
    # The story's own comment is left by run `approval`, see paths/feedback.py.
    here = [way for way in ways if way is not Way.TRACKER]
    tell(connection, status, sorted(people), Occasion.REJECTED, here, url)


def tell_withdrawal(
    connection: Connection, catalogue: Catalogue, status: RequestStatus, ways: Iterable[Way], url: str
) -> None:
    """Everybody who asked, wrote, signed or was still waited for hears that it was taken back."""
    request = status.request
    parts = involved(connection, catalogue, find_bundle(connection, request.bundle), request.requester)
    told = [n for n, of in parts.items() if not {Involvement.REQUESTER, Involvement.AUTHOR}.isdisjoint(of)]
    people = {*told, *(approval.person for approval in status.approvals), *waited_for(status)}
    tell(connection, status, sorted(people), Occasion.WITHDRAWN, ways, url)


def waited_for(status: RequestStatus) -> list[str]:
    """Everybody whose signature could still be given."""
    given = {approval.number for approval in status.approvals}
    signed = {approval.person for approval in status.approvals}
    open_ones = [s for s in status.request.signatures if s.number not in given]
    names = dict.fromkeys(name for signature in open_ones for name in signature.candidates)
    return [name for name in names if name not in signed]


def tell(
    connection: Connection,
    status: RequestStatus,
    people: list[str],
    occasion: Occasion,
    ways: Iterable[Way],
    url: str,
) -> None:
    """One mail for each person, one message for a room, one comment on the story."""
    if not people:
        return
    subject, text = _subject(status, occasion), _text(status, occasion, url)
    for way in ways:
        for to in [[name] for name in people] if way is Way.MAIL else [people]:
            notice = Notice(
                request=status.id,
                occasion=occasion,
                way=way,
                to=to,
                story=status.request.story,
                subject=subject,
                text=text,
            )
            enqueue_errand(connection, Errand(what=What.NOTICE, request=status.id, notice=notice))


def _subject(status: RequestStatus, occasion: Occasion) -> str:
    request = status.request
    urgent = f"EMERGENCY {request.emergency.incident}: " if request.emergency else ""
    what = f"{urgent}{request.story} → {request.environment}: {request.operation}"
    said = {
        Occasion.ASKED: "waits for your answer",
        Occasion.REMINDER: "still waits for your answer",
        Occasion.REJECTED: "was rejected",
        Occasion.WITHDRAWN: "was withdrawn",
    }
    return f"{what} {said[occasion]}"


def _text(status: RequestStatus, occasion: Occasion, url: str) -> str:
    request = status.request
    if occasion is Occasion.WITHDRAWN:
        return f"{plain(status.why, 2500)}\n\nBundle {request.bundle[:12]}. Nobody needs to answer any more."
    if occasion is Occasion.REJECTED:
        return f"{plain(status.why, 2500)}\n\nBundle {request.bundle[:12]}. Nothing was deployed."
    return "\n".join(
        [
            f"What changes: {request.brief.changes}",
            f"What is different from what runs: {request.brief.different}",
            f"What could hurt: {request.brief.risk}",
            "",
            f"Waits for {', '.join(s.role for s in request.signatures)} "
            f"until {request.expires_at:%Y-%m-%d %H:%M} UTC.",
            f"Answer here: {url}/required_actions?response_received=false",
            "The link gives no right by itself: sign in there.",
        ]
    )
