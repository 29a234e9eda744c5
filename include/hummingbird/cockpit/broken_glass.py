"""Glass that was broken, as people look at it: what was done, by whom, and who has looked at it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hummingbird.cockpit.wording import ago, moment
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Review, Use
from hummingbird.core.event import EventKind
from hummingbird.ledger.views import events


@dataclass(frozen=True)
class Broken:
    """One use, and its review where there is one."""

    use: Use
    review: Review | None

    def overdue(self, now: datetime) -> bool:
        """Whether somebody should have looked at it by now."""
        return self.review is None and self.use.review_due_at <= now


def all_broken(connection: Connection) -> list[Broken]:
    """Every use, oldest first: two questions to the ledger, however many there are."""
    looked_at = [
        Review.model_validate(recorded.event.data["review"])
        for recorded in events(connection, kinds=[EventKind.EMERGENCY_REVIEWED])
    ]
    reviews = {review.emergency: review for review in looked_at}
    uses = [
        Use.model_validate(recorded.event.data["use"])
        for recorded in events(connection, kinds=[EventKind.EMERGENCY_USED])
    ]
    return [Broken(use, reviews.get(use.id)) for use in uses]


def owed(found: Iterable[Broken]) -> Mapping[str, list[Broken]]:
    """Story → what still waits for its review."""
    by_story: dict[str, list[Broken]] = defaultdict(list)
    for broken in found:
        if broken.review is None:
            by_story[broken.use.story].append(broken)
    return by_story


def word_of(owed_of_it: Sequence[Broken], now: datetime) -> str:
    """`OVERDUE` where it should have been looked at by now, else `WAITING`."""
    return "OVERDUE" if any(broken.overdue(now) for broken in owed_of_it) else "WAITING"


def owed_sentence(catalogue: Catalogue, broken: Broken, now: datetime) -> str:
    """For whom, what for, until when, or since when it is late."""
    use = broken.use
    people = [catalogue.persons[name].title if name in catalogue.persons else name for name in use.reviewers]
    due = f"due {moment(use.review_due_at)}"
    if broken.overdue(now):
        due = f"overdue since {moment(use.review_due_at)} ({ago(use.review_due_at, now)})"
    return (
        f"{_done(catalogue, use)}; its review is {due}, by {' or '.join(people) or 'nobody who may'} "
        f"(emergency {use.id})"
    )


def told(broken: Broken, now: datetime) -> str:
    """The same for a report: what was done, and whether it was looked at."""
    use, review = broken.use, broken.review
    if review is not None:
        word = "justified" if review.justified else "not justified"
        return f"{use.told}; {review.person} found it {word}: {review.finding}"
    late = "OVERDUE since" if broken.overdue(now) else "due"
    return f"{use.told}; not looked at yet, {late} {use.review_due_at:%Y-%m-%d %H:%M} UTC"


def _done(catalogue: Catalogue, use: Use) -> str:
    two = [
        catalogue.persons[name].title if name in catalogue.persons else name
        for name in (use.requester, *use.signers)
    ]
    past = f" past {', '.join(use.passed)}" if use.passed else ""
    return f"broke the glass{past} for {use.emergency.incident} at {moment(use.at)} ({' and '.join(two)})"
