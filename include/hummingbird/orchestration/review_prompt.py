"""The reviewer's button: what was done past which gates, by whom and why; was it justified?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import JUSTIFIED, NOT_JUSTIFIED, SHORTEST_REASON, Use
from hummingbird.core.errors import Conflict
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.briefing import plain
from hummingbird.orchestration.prompts import LONGEST_WAIT
from hummingbird.orchestration.refusal import Refused
from hummingbird.paths.admit_review import find_review, find_use

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class ReviewSensor(HITLOperator):
    """One review of broken glass; the answer counts once the notary has re-read it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["params"] = {
            "reason": Param(
                "",
                type="string",
                title="What was found",
                description=f"{SHORTEST_REASON} characters or more: was it an emergency, and what follows?",
            )
        }
        super().__init__(
            subject="",
            options=[JUSTIFIED, NOT_JUSTIFIED],
            response_timeout=LONGEST_WAIT,
            **kwargs,
        )

    def execute(self, context: Context) -> None:
        catalogue = wiring.catalogue()
        use = find_use(wiring.notary(), str(current.conf()["emergency"]))
        if use is None:
            raise Refused("no such glass was broken")
        review = find_review(wiring.notary(), use)
        if review is not None:
            raise Refused(f"nobody needs to answer: {review.person} looked at it already")
        people = reviewers(catalogue, use)
        if not people:
            raise Refused(f"nobody may look at it: give {' or '.join(use.review_by)} to somebody else")
        self.subject = review_subject(use)
        self.body = review_body(catalogue, use)
        self.assigned_users = [{"id": catalogue.persons[name].airflow, "name": name} for name in people]
        outcome.waiting(
            f"for {', '.join(people)} to look at {self.subject} until {use.review_due_at:%Y-%m-%d %H:%M}"
        )
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        super().execute_complete(context, event)
        ti, identity = context["ti"], str(current.conf()["emergency"])
        try:
            review = wiring.notary().review(identity, ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        except Conflict as error:
            raise Refused(str(error)) from None
        outcome.say(f"{review.person} looked at it")
        return None


def reviewers(catalogue: Catalogue, use: Use) -> list[str]:
    """Who may be shown the button; the notary judges the answer."""
    holders = [person.name for person in catalogue.holders_of_any(use.review_by)]
    return [name for name in holders if name not in (use.requester, *use.signers)]


def review_subject(use: Use) -> str:
    """One line: story, environment, incident, and the first digits of the emergency."""
    return f"{use.story} → {use.environment}: review of emergency {use.emergency.incident} [{use.id[:12]}]"


def review_body(catalogue: Catalogue, use: Use) -> str:
    """Markdown: what was done, past what, by whom and why; from the ledger, escaped."""
    title = {name: person.title for name, person in catalogue.persons.items()}
    two = [title.get(name, name) for name in (use.requester, *use.signers)]
    lines = [
        f"**The glass was broken:** {plain(use.told)}",
        "",
        f"**Why:** {plain(use.emergency.reason)}",
        "",
        f"**By:** {plain(two[0])} asked, {plain(', '.join(two[1:]))} signed",
        "",
        f"Was it an emergency? Answer until {use.review_due_at:%Y-%m-%d %H:%M} UTC, and say what you found. "
        "Until then it alarms, and the next emergency of these components is refused once it is overdue.",
        "",
        *(f"- passed {plain(gate)}: {plain(why)}" for gate, why in use.passed.items()),
        f"- bundle {use.bundle}",
        f"- warrant {use.warrant}",
        f"- run {plain(use.run)}",
    ]
    return "\n".join(lines)
