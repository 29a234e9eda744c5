"""The door of emergency_review: a glass that was broken, and that nobody has looked at yet."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Review, Use
from hummingbird.core.event import EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary
from hummingbird.paths.admit import Refusal, Request, plan_of, requester_of
from hummingbird.paths.runs import split_run_name


def admit_review(
    catalogue: Catalogue, notary: Notary, request: Request, emergency: str | None
) -> Plan | Refusal:
    """The plan of a review: that of the run which broke the glass, without its emergency."""
    use = find_use(notary, emergency) if emergency else None
    if use is None:
        return Refusal(why=_not_named(notary, request, emergency))
    review = find_review(notary, use)
    if review is not None:
        return Refusal(why=f"{review.person} looked at it already, at {review.at:%Y-%m-%d %H:%M} UTC")
    used = plan_of(notary, *split_run_name(use.run))
    changed = {"dag_id": request.dag_id, "run_id": request.run_id, "emergency": None}
    requester = requester_of(catalogue, request.requester)
    return used.model_copy(update={**changed, "requester": requester, "components": [], "clusters": []})


def find_use(notary: Notary, emergency: str) -> Use | None:
    """A glass that was broken, None when none has that name."""
    found = notary.events(kinds=[EventKind.EMERGENCY_USED], subject=emergency)
    return Use.model_validate(found[0].event.data["use"]) if found else None


def find_review(notary: Notary, use: Use) -> Review | None:
    """Its review, None while there is none."""
    found = notary.events(key=use.review_key)
    return Review.model_validate(found[0].event.data["review"]) if found else None


def _not_named(notary: Notary, request: Request, emergency: str | None) -> str:
    if emergency:
        return f"no glass was broken under the name {ascii(emergency)[:40]}"
    story = str(request.story or "")
    known = [
        Use.model_validate(r.event.data["use"])
        for r in notary.events(kinds=[EventKind.EMERGENCY_USED])
        if r.event.story == story
    ]
    owed = [use for use in known if find_review(notary, use) is None]
    if not owed:
        return f"no glass that was broken for {ascii(story)[:40]} waits for its review"
    names = "; ".join(f"{use.id} (due {use.review_due_at:%Y-%m-%d %H:%M} UTC)" for use in owed)
    return f"name the emergency: {names}"
