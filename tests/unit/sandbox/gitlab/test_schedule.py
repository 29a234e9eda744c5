"""When jobs start, what they make of a pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.gitlab.ci.schedule import decide, outcome


def job(name: str, stage: str, status: str, **more: Any) -> dict[str, Any]:
    fields = {"when": "on_success", "allow_failure": False, "needs": None}
    return {"name": name, "stage": stage, "status": status, **fields, **more}


@pytest.mark.parametrize(
    ("former", "when", "decision"),
    [
        ("running", "on_success", "wait"),
        ("success", "on_success", "run"),
        ("failed", "on_success", "skipped"),
        ("canceled", "on_success", "skipped"),
        ("failed", "always", "run"),
        ("failed", "on_failure", "run"),
        ("success", "on_failure", "skipped"),
        ("success", "manual", "manual"),
        ("failed", "manual", "skipped"),
        ("manual", "on_success", "wait"),
    ],
)
def test_a_stage_follows_from_the_one_before(former: str, when: str, decision: str) -> None:
    jobs = [job("a", "one", former), job("b", "two", "created", when=when)]
    assert decide(jobs[1], jobs, ["one", "two"]) == decision


def test_a_job_that_may_fail_stops_nothing() -> None:
    jobs = [job("a", "one", "failed", allow_failure=True), job("b", "two", "created")]
    assert decide(jobs[1], jobs, ["one", "two"]) == "run"
    assert outcome([jobs[0], job("b", "two", "success")]) == "success"


def test_needs_go_before_stages() -> None:
    jobs = [
        job("a", "one", "success"),
        job("slow", "one", "running"),
        job("b", "two", "created", needs=["a"]),
    ]
    assert decide(jobs[2], jobs, ["one", "two"]) == "run"
    assert decide({**jobs[2], "needs": []}, jobs, ["one", "two"]) == "run"
    assert decide({**jobs[2], "needs": ["slow"]}, jobs, ["one", "two"]) == "wait"


def test_a_needed_job_that_was_skipped_skips_and_a_matrix_counts_whole() -> None:
    jobs = [
        job("t: [1]", "one", "success"),
        job("t: [2]", "one", "skipped"),
        job("b", "two", "created", needs=["t"]),
    ]
    assert decide(jobs[2], jobs, ["one", "two"]) == "skipped"
    jobs[1]["status"] = "success"
    assert decide(jobs[2], jobs, ["one", "two"]) == "run"


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        (["success", "success"], "success"),
        (["success", "failed", "skipped"], "failed"),
        (["success", "canceled"], "canceled"),
        (["failed", "running"], "running"),
        (["skipped", "skipped"], "skipped"),
        (["success", "manual", "created"], "manual"),
    ],
)
def test_a_pipeline_is_what_its_jobs_are(statuses: list[str], result: str) -> None:
    assert outcome([job(str(number), "s", status) for number, status in enumerate(statuses)]) == result
