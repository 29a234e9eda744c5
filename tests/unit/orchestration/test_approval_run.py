"""The run of approval wakes the run that the ledger's request names, whatever its own conf says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.providers.standard.operators.hitl import HITLOperator

from builders import a_bundle, a_request, a_story, the_catalogue
from hummingbird.core.approval import Approval, Decision, RequestState, RequestStatus
from hummingbird.core.errors import NotFound
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, waking, wiring
from hummingbird.orchestration.prompts import ApprovalSensor
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


def signed(decision: Decision = Decision.APPROVED) -> RequestStatus:
    status = a_status(RequestState.OPEN)
    approval = Approval(
        request=status.id,
        number=1,
        role="release_approver",
        person="release_approver",
        decision=decision,
        reason="looked at it",
        answered_at=datetime.now(UTC),
        source="https://jira.example/browse/APR-7",
    )
    return status.model_copy(update={"approvals": [approval]})


@pytest.fixture
def button(monkeypatch: pytest.MonkeyPatch) -> Callable[[RequestStatus, str], ApprovalSensor]:
    """A signature's task that was answered by somebody, while the ledger says this."""

    def made(status: RequestStatus, by: str) -> ApprovalSensor:
        notary = type("Notary", (), {"request": lambda self, identity: status})()
        monkeypatch.setattr(wiring, "notary", lambda: notary)
        monkeypatch.setattr(wiring, "catalogue", the_catalogue)
        conf(monkeypatch, request=status.id)
        answer = {
            "responded_by_user": {"id": by, "name": by},
            "chosen_options": ["Reject"],
            "params_input": {"reason": "answered in APR-7"},
        }
        monkeypatch.setattr(HITLOperator, "execute_complete", lambda self, context, event: answer)
        return ApprovalSensor(task_id="sign", number=1, role="release_approver")

    return made


CONTEXT: Any = {"ti": None}


def test_a_button_whose_signature_was_given_elsewhere_ends_well(
    button: Callable[[RequestStatus, str], ApprovalSensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(outcome, "say", said.append)
    button(signed(), "platform").execute(CONTEXT)
    button(signed(), "platform").execute_complete(CONTEXT, {})
    told = "release_approver approved as release_approver at https://jira.example/browse/APR-7"
    assert said == [told, told]


def test_a_button_that_the_platform_closes_is_no_signature(
    button: Callable[[RequestStatus, str], ApprovalSensor],
) -> None:
    with pytest.raises(Refused, match="closed unanswered: answered in APR-7"):
        button(a_status(RequestState.OPEN), "platform").execute_complete(CONTEXT, {})


def test_a_rejection_given_elsewhere_ends_the_button_with_its_reason(
    button: Callable[[RequestStatus, str], ApprovalSensor],
) -> None:
    with pytest.raises(Refused, match=r"release_approver \(release_approver\) rejected: looked at it"):
        button(signed(Decision.REJECTED), "platform").execute_complete(CONTEXT, {})


def test_nobody_is_asked_about_what_was_withdrawn(
    button: Callable[[RequestStatus, str], ApprovalSensor],
) -> None:
    with pytest.raises(Refused, match="nobody needs to answer: as told"):
        button(a_status(RequestState.WITHDRAWN), "platform").execute(CONTEXT)
