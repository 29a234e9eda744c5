"""Review broken glass: ask somebody who was neither of the two, and believe the ledger about the answer."""

from __future__ import annotations

from airflow.sdk import TriggerRule, get_current_context, task

from hummingbird.core.emergency import REVIEW_PATH, Review, Use
from hummingbird.core.errors import NotFound
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.briefing import required_actions_url
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.review_prompt import ReviewSensor
from hummingbird.orchestration.steps.approving import MOST_ATTEMPTS
from hummingbird.paths.admit_review import find_review, find_use
from hummingbird.paths.runs import child_run_id, split_run_name


def review() -> ReviewSensor:
    """The reviewer's button; holds nothing while it waits."""
    return ReviewSensor(task_id="review")


@task(trigger_rule=TriggerRule.ALL_DONE)
def settle_review() -> None:
    """What the ledger says of the review; without one, a new run asks again."""
    try:
        current.plan()
    except NotFound:  # refused at the door: the refusal is recorded and noted there
        raise Refused("there was nothing to look at") from None
    use = _use()
    found = find_review(wiring.notary(), use)
    if found is not None:
        outcome.say(_told(found))
        return
    attempt = int(current.conf()["attempt"]) + 1
    why = f"nobody looked at it: {use.told}; answer here: {required_actions_url(REVIEW_PATH)}"
    if attempt > MOST_ATTEMPTS:
        raise Refused(f"{why} (asked {MOST_ATTEMPTS} times; start {REVIEW_PATH} with emergency {use.id})")
    dag_id, used = split_run_name(use.run)
    run_id = child_run_id(use.story, dag_id, used, REVIEW_PATH, str(attempt))
    conf = {"story": use.story, "emergency": use.id, "attempt": attempt}
    wiring.airflow_api().trigger(REVIEW_PATH, run_id, conf, f"{use.story} broken glass: review")
    raise Refused(f"{why}; asked again by run {run_id}")


def _use() -> Use:
    identity = str(current.conf().get("emergency") or "")
    use = find_use(wiring.notary(), identity)
    if use is None:
        run = get_current_context()["dag_run"].run_id
        raise NotFound(f"run {run} is about no glass that was broken; see what its task admit said")
    return use


def _told(review: Review) -> str:
    word = "justified" if review.justified else "not justified"
    return f"{review.person} found it {word}: {review.finding}"
