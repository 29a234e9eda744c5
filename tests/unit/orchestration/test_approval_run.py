"""The run of approval wakes the run that the ledger's request names, whatever its own conf says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import a_bundle, a_request, a_story
from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.errors import NotFound
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, waking, wiring
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.steps import approving

ASKING = ("prod_deploy", "HB-101.1__prod_deploy")


class Api:
    """Airflow's API with one parked run; answers are kept."""

    def __init__(self, state: str = "awaiting_input") -> None:
        self.state = state
        self.answers: list[tuple[Any, ...]] = []
        self.triggered: list[tuple[Any, ...]] = []

    def task_instance(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        if (dag_id, run_id) != ASKING or self.state == "gone":
            raise NotFound(f"no {dag_id}/{run_id}")
        parked = datetime.now(UTC) - timedelta(minutes=1)
        return {"state": self.state, "start_date": parked.isoformat()}

    def answer_hitl(self, *arguments: Any) -> None:
        self.answers.append(arguments)
        self.state = "success"

    def trigger(self, *arguments: Any) -> bool:
        self.triggered.append(arguments)
        return True


def a_status(state: RequestState = RequestState.APPROVED) -> RequestStatus:
    request = a_request(a_bundle(), asked_by="/".join(ASKING))
    return RequestStatus(id=request.id, request=request, approvals=[], state=state, why="as told")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr(wiring, "airflow_api", lambda: made)
    return made


def conf(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    monkeypatch.setattr(current, "conf", lambda: {"attempt": 1, **told})


@pytest.mark.parametrize(
    "parent", [None, {"dag_id": "prod_deploy", "run_id": "HB-666.1__prod_deploy", "task_id": "approval"}]
)
def test_the_run_that_asked_is_woken_whatever_conf_says(
    api: Api, monkeypatch: pytest.MonkeyPatch, parent: dict[str, str] | None
) -> None:
    conf(monkeypatch, parent=parent)
    waking.wake_parent(a_status())
    assert api.answers == [(*ASKING, "await_people", -1, ["Approve"], {"reason": "as told"})]


def test_a_rejection_wakes_it_with_no(api: Api) -> None:
    waking.wake_parent(a_status(RequestState.REJECTED))
    assert api.answers[0][4] == ["Reject"]


@pytest.mark.parametrize("state", ["success", "failed", "gone"])
def test_a_run_that_does_not_wait_any_more_is_left_alone(api: Api, state: str) -> None:
    api.state = state
    waking.wake_parent(a_status())
    assert api.answers == []


@pytest.mark.parametrize(
    "parent", [None, {"dag_id": "scan", "run_id": "HB-666.1__scan", "task_id": "approval"}]
)
def test_people_are_asked_again_below_the_run_that_asked(
    api: Api, monkeypatch: pytest.MonkeyPatch, parent: dict[str, str] | None
) -> None:
    conf(monkeypatch, parent=parent)
    plan = Plan(
        dag_id="approval",
        run_id="by-hand",
        story=a_story(),
        requester="release_manager",
        policy_version="a" * 64,
    )
    monkeypatch.setattr(current, "plan", lambda: plan)
    monkeypatch.setattr(approving, "close_prompts", lambda why: None)
    monkeypatch.setattr(approving, "required_actions_url", lambda: "https://airflow.example")
    status = a_status(RequestState.OPEN)
    again = "HB-101.1__prod_deploy__approval__2"
    with pytest.raises(Refused, match=f"asked again by run {again}"):
        approving._ask_again(status, [{"number": 0, "role": "release_approver"}])
    ((path, run_id, told, _),) = api.triggered
    assert (path, run_id, told["request"], told["attempt"]) == ("approval", again, status.id, 2)
    assert told["parent"] == {"dag_id": ASKING[0], "run_id": ASKING[1], "task_id": "approval"}


def test_an_approval_s_parent_is_the_ledger_s(monkeypatch: pytest.MonkeyPatch) -> None:
    status = a_status()
    notary = type("Notary", (), {"request": lambda self, identity: status})()
    monkeypatch.setattr(wiring, "notary", lambda: notary)
    conf(monkeypatch, request=status.id, parent={"dag_id": "scan", "run_id": "x"})
    assert current.parent() == {"dag_id": ASKING[0], "run_id": ASKING[1]}
    conf(monkeypatch, parent={"dag_id": "scan", "run_id": "x"})
    assert current.parent() == {"dag_id": "scan", "run_id": "x"}
    conf(monkeypatch, parent=None)
    assert current.parent() is None
