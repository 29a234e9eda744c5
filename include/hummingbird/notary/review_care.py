"""Looking after a review that is owed: asked for at once, reminded of, and alarming once it is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hummingbird.core.emergency import REVIEW_PATH, Review, Use
from hummingbird.core.event import EventKind
from hummingbird.core.notice import Notice, Occasion, Way
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.breaking import use_event
from hummingbird.notary.emergencies import review_of, use_of
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.office import Office
from hummingbird.notary.outbox import Start, enqueue
from hummingbird.notary.plain_text import plain

ALARM_EVERY = timedelta(hours=24)


def look_after(connection: Connection, use: Use, ways: Iterable[Way], url: str) -> None:
    """Start the run that asks for the review, tell who may give it; remind, and alarm when it is overdue."""
    _, _, run_id = use.run.partition("/")
    start = Start(
        dag_id=REVIEW_PATH,
        run_id=f"{run_id}__{REVIEW_PATH}"[:240],
        conf={"story": use.story, "emergency": use.id},
        note=f"{use.story} broken glass: review until {use.review_due_at:%Y-%m-%d %H:%M} UTC",
    )
    enqueue(connection, start, use.key)
    _tell(connection, use, use.reviewers, Occasion.REVIEW, ways, url)
    half = use.at + (use.review_due_at - use.at) / 2
    enqueue_errand(connection, Errand(what=What.REMIND_REVIEW, request=use.id), half)
    enqueue_errand(connection, Errand(what=What.OVERDUE_REVIEW, request=use.id), use.review_due_at)


def care(office: Office, errand: Errand) -> timedelta | None:
    """One look at a review that is owed; the time until the next one, None when it is done."""
    ways, url = office.messengers.ways, office.airflow_url
    with office.writing() as connection:
        take_pen(connection)
        use = use_of(connection, errand.request)
        if review_of(connection, use) is not None:
            return None
        if errand.what is What.REMIND_REVIEW:
            _tell(connection, use, use.reviewers, Occasion.REVIEW_REMINDER, ways, url)
            return None
        now = database_now(connection)
        if now < use.review_due_at:
            return use.review_due_at - now
        _alarm(connection, use, now, ways, url)
        return ALARM_EVERY


def tell_review(connection: Connection, review: Review, ways: Iterable[Way], url: str) -> None:
    """Who broke the glass hears what was found."""
    use = use_of(connection, review.emergency)
    _tell(connection, use, [use.requester, *use.signers], Occasion.REVIEWED, ways, url, review)


def _alarm(connection: Connection, use: Use, now: datetime, ways: Iterable[Way], url: str) -> None:
    """In the ledger once; to people every day."""
    key = f"{use.key}:overdue"
    if by_key(connection, key) is None:
        data = {"due_at": use.review_due_at.isoformat(), "sentence": _overdue(use)}
        append(connection, use_event(use, EventKind.EMERGENCY_OVERDUE, key, "notary", data))
    day = (now - use.review_due_at) // ALARM_EVERY + 1
    people = list(dict.fromkeys([*use.reviewers, use.requester, *use.signers]))
    _tell(connection, use, people, Occasion.REVIEW_OVERDUE, ways, url, day=day)


def _tell(
    connection: Connection,
    use: Use,
    people: list[str],
    occasion: Occasion,
    ways: Iterable[Way],
    url: str,
    review: Review | None = None,
    day: int = 0,
) -> None:
    text = _text(use, occasion, url, review)
    subject = f"{use.story} → {use.environment}: {_SAID[occasion]}"
    for way in ways if people else ():
        for to in [[name] for name in people] if way is Way.MAIL else [people]:
            notice = Notice(
                request=use.id,
                occasion=occasion,
                way=way,
                to=to,
                story=use.emergency.incident if way is Way.TRACKER else use.story,
                subject=subject,
                text=text,
                day=day,
            )
            enqueue_errand(connection, Errand(what=What.NOTICE, request=use.id, notice=notice))


_SAID = {
    Occasion.REVIEW: "the glass was broken; please look at it",
    Occasion.REVIEW_REMINDER: "broken glass still waits for its review",
    Occasion.REVIEW_OVERDUE: "ALARM: the review of broken glass is overdue",
    Occasion.REVIEWED: "broken glass was reviewed",
}


def _text(use: Use, occasion: Occasion, url: str, review: Review | None) -> str:
    if review is not None:
        word = "justified" if review.justified else "not justified"
        return f"{use.told}.\n{review.person} found it {word}: {plain(review.finding, 2000)}"
    told = _overdue(use) if occasion is Occasion.REVIEW_OVERDUE else f"{use.told}."
    return "\n".join(
        [
            told,
            f"Reason: {plain(use.emergency.reason, 500)}",
            *(f"Passed {gate}: {plain(why, 300)}" for gate, why in use.passed.items()),
            "",
            f"Waits for one of {', '.join(use.reviewers) or 'nobody: give the role to somebody'} "
            f"until {use.review_due_at:%Y-%m-%d %H:%M} UTC.",
            f"Answer here: {url}/required_actions?response_received=false",
            f"Without a prompt there, start {REVIEW_PATH} with story {use.story}.",
        ]
    )


def _overdue(use: Use) -> str:
    return (
        f"{use.told}. Its review was due at {use.review_due_at:%Y-%m-%d %H:%M} UTC and is missing; until it "
        f"is done the glass is not broken again for {', '.join(use.components)}."
    )
