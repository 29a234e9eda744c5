"""The run of emergency_review believes the ledger, and asks again when nobody looked at it."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.emergency import Use
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.review_prompt import review_body, review_subject, reviewers
from hummingbird.orchestration.steps import reviewing
from unit.paths.releases import Releases
from unit.paths.test_admit_emergency import releases, tell, used

__all__ = ["releases"]


class Api:
    """What Airflow was asked to start."""

    def __init__(self) -> None:
        self.triggered: list[tuple[Any, ...]] = []

    def trigger(self, *arguments: Any) -> bool:
        self.triggered.append(arguments)
        return True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, releases: Releases) -> Api:
    made = Api()
    monkeypatch.setattr(wiring, "airflow_api", lambda: made)
    monkeypatch.setattr(wiring, "notary", lambda: releases.notary)
    monkeypatch.setattr(current, "plan", lambda: None)
    monkeypatch.setattr(reviewing, "required_actions_url", lambda path: f"https://airflow.example/{path}")
    return made


def settle(monkeypatch: pytest.MonkeyPatch, use: Use, attempt: int = 1) -> None:
    monkeypatch.setattr(current, "conf", lambda: {"emergency": use.id, "attempt": attempt})
    reviewing.settle_review.function()


def test_a_review_that_was_marked_is_asked_for_again(
    api: Api, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = used(releases)
    with pytest.raises(Refused, match="nobody looked at it: HB-101 to prod in emergency OPS-9"):
        settle(monkeypatch, use)
    ((path, run_id, conf, _),) = api.triggered
    assert (path, run_id) == ("emergency_review", "HB-101.1__emergency_deploy__emergency_review__2")
    assert conf == {"story": "HB-101", "emergency": use.id, "attempt": 2}
    with pytest.raises(Refused, match="asked 5 times; start emergency_review with emergency e"):
        settle(monkeypatch, use, attempt=5)
    assert len(api.triggered) == 1


def test_a_review_that_the_ledger_has_ends_it(
    api: Api, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(outcome, "say", said.append)
    use = used(releases)
    review = {"emergency": use.id, "person": "compliance", "justified": False, "finding": "could wait"}
    data: dict[str, object] = {"review": review | {"at": "2026-11-23T03:00:00Z", "source": "airflow"}}
    tell(releases, use, EventKind.EMERGENCY_REVIEWED, use.review_key, data)
    settle(monkeypatch, use)
    assert said == ["compliance found it not justified: could wait"]
    assert api.triggered == []


def test_what_was_refused_at_the_door_asks_nobody(
    api: Api, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise NotFound("no plan")

    monkeypatch.setattr(current, "plan", none)
    with pytest.raises(Refused, match="there was nothing to look at"):
        settle(monkeypatch, used(releases))
    assert api.triggered == []


def test_the_reviewer_reads_what_was_done_escaped_and_neither_of_the_two_is_shown_the_button(
    releases: Releases,
) -> None:
    made = used(releases)
    hostile = made.emergency.model_copy(update={"reason": "# 紧急 <script>alert(1)</script>"})
    use = made.model_copy(update={"emergency": hostile, "review_by": ["compliance", "operations_approver"]})
    assert reviewers(releases.catalogue, use) == ["compliance"]
    assert review_subject(use).endswith(f"review of emergency OPS-9 [{use.id[:12]}]")
    body = review_body(releases.catalogue, use)
    assert "<script>" not in body
    assert "passed window\\_open: closed" in body
    assert "王磊 asked, 孙浩 signed" in body
