"""First task of every path: validate, freeze the plan, record it, or refuse in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.sdk import task

from hummingbird.core.errors import Invalid, NotFound
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import note_start
from hummingbird.orchestration.refusal import Refused
from hummingbird.paths import admit, admit_within
from hummingbird.paths import admit_change as change_door
from hummingbird.paths import admit_emergency as emergency_door
from hummingbird.paths import admit_prod as prod_door
from hummingbird.paths import admit_review as review_door
from hummingbird.paths import admit_rollback as rollback_door
from hummingbird.paths import admit_test as test_door
from hummingbird.paths.hotfix import keeps_hotfixes


@task(task_id="admit")
def admit_change() -> None:
    """Admit one commit: named by the webhook or the parent, or the newest of the story."""
    _admit(
        lambda request: change_door.admit_change(
            wiring.catalogue(), wiring.tracker(), wiring.code_host(), request, _change()
        )
    )


@task(task_id="admit")
def admit_dev() -> None:
    """Admit one commit for the environment that this path deploys to."""

    def door(request: admit.Request) -> Plan | admit.Refusal:
        plan = change_door.admit_change(
            wiring.catalogue(), wiring.tracker(), wiring.code_host(), request, _change()
        )
        if isinstance(plan, admit.Refusal):
            return plan
        stage = wiring.catalogue().environment_of(request.dag_id)
        return plan.model_copy(update={"environment": stage.name})

    _admit(door)


@task(task_id="admit")
def admit_test() -> list[dict[str, Any]]:
    """Admit a story for test: its candidates and every story that travels; what each child is told."""
    admitted = _admit(
        lambda request: _with_hotfixes(
            test_door.admit_test(
                wiring.catalogue(),
                wiring.tracker(),
                wiring.code_host(),
                wiring.settings_store(),
                wiring.notary(),
                request,
            )
        )
    )
    return _each_component(admitted)


@task(task_id="admit")
def admit_prod() -> list[dict[str, Any]]:
    """Admit a story for production: the bundle that passed test; what each child is told."""
    admitted = _admit(
        lambda request: _with_hotfixes(
            prod_door.admit_prod(wiring.catalogue(), wiring.tracker(), wiring.notary(), request)
        )
    )
    return _each_component(admitted)


@task(task_id="admit")
def admit_emergency() -> list[dict[str, Any]]:
    """Admit a story past shut gates: the bundle that passed test, an open incident, a reason."""
    told = current.conf()
    admitted = _admit(
        lambda request: _with_hotfixes(
            emergency_door.admit_emergency(
                wiring.catalogue(),
                wiring.tracker(),
                wiring.notary(),
                request,
                str(told["environment"]),
                told.get("incident"),
                told.get("reason"),
            )
        )
    )
    return _each_component(admitted)


@task(task_id="admit")
def admit_review() -> None:
    """Admit a review: of a glass that was broken and that nobody has looked at."""
    named = current.conf().get("emergency")
    _admit(lambda request: review_door.admit_review(wiring.catalogue(), wiring.notary(), request, named))


@task(task_id="admit")
def admit_rollback() -> None:
    """Admit a rollback: to what ran before the story's bundle."""
    _admit(
        lambda request: rollback_door.admit_rollback(
            wiring.catalogue(), wiring.tracker(), wiring.notary(), request, str(current.conf()["environment"])
        )
    )


@task(task_id="admit")
def admit_promotion() -> None:
    """Admit a promotion: a sealed bundle whose approval for the environment is recorded."""
    told = current.conf()
    _admit(
        lambda request: admit_within.admit_promotion(
            wiring.catalogue(),
            wiring.tracker(),
            wiring.notary(),
            request,
            told.get("bundle"),
            str(told["environment"]),
        )
    )


@task(task_id="admit")
def admit_approval() -> list[dict[str, Any]]:
    """Admit an approval: an open request of the ledger; one prompt for every signature still missing."""
    _admit(
        lambda request: admit_within.admit_approval(
            wiring.notary(), request, str(current.conf().get("request") or "")
        )
    )
    status = wiring.notary().request(str(current.conf()["request"]))
    given = {approval.number for approval in status.approvals}
    return [{"number": s.number, "role": s.role} for s in status.request.signatures if s.number not in given]


@task(task_id="admit")
def admit_withdrawal() -> None:
    """Admit that somebody takes something back: of a story that the ledger knows, for a reason."""
    _admit(
        lambda request: admit_within.admit_withdrawal(
            wiring.catalogue(), wiring.notary(), request, str(current.conf().get("reason") or "")
        )
    )


def _with_hotfixes(decided: Plan | admit.Refusal) -> Plan | admit.Refusal:
    return keeps_hotfixes(wiring.catalogue(), wiring.code_host(), wiring.notary(), decided)


def _change() -> change_door.Change:
    told = current.conf()
    fields = ("component", "branch", "commit", "base", "merge_request", "mode")
    return change_door.Change(**{name: told[name] for name in fields if told.get(name) is not None})


def _each_component(plan: Plan) -> list[dict[str, Any]]:
    """What a child of each component is told."""
    return [
        {
            "part": planned.name,
            "with_conf": {
                "component": planned.name,
                "commit": planned.commit,
                "branch": planned.branch,
                "mode": "full",
            },
        }
        for planned in plan.components
    ]


def _admit(door: Callable[[admit.Request], Plan | admit.Refusal]) -> Plan:
    request = current.request()
    try:
        decided = door(request)
    except (Invalid, NotFound) as error:
        decided = admit.Refusal(why=str(error))
    admit.record(wiring.notary(), request, decided)
    note_start(request, decided)
    if isinstance(decided, admit.Refusal):
        raise Refused(decided.why)
    outcome.say(f"{decided.story.key} {decided.story.title} is admitted")
    return decided
