"""Tickets and results: one job, one live token, one result, one event."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hummingbird.core.canonical import sha256_hex
from unit.notary.delivery_samples import COMMIT, OLD_COMMIT, a_bundle
from unit.notary.scene import TASKS, Scene, bearer


def test_a_pod_reads_its_job_posts_its_result_and_the_ledger_knows(scene: Scene) -> None:
    job = scene.scan_job(a_bundle())
    ticket = scene.ticket(job).json()
    read = scene.client.get("/jobs/current", headers=bearer(ticket["token"]))
    assert read.json() == {"job": job.document()}
    before = scene.get(f"/jobs/{ticket['job']}", TASKS).json()
    assert (before["kind"], before["result"], before["posted_at"]) == ("scan", None, None)
    report = scene.scan_report(a_bundle())
    assert scene.put(ticket["token"], report).status_code == 201
    after = scene.get(f"/jobs/{ticket['job']}", TASKS).json()
    assert after["result"] == report
    event = scene.get("/events").json()[0]["event"]
    assert (event["key"], event["actor"]) == (f"job:{ticket['job']}", f"job:{ticket['job']}")
    assert (event["subject"], event["run"], event["data"]["report"]) == (COMMIT, "scan/HB-101.1", report)


def test_the_same_result_again_is_fine_and_another_is_not(scene: Scene) -> None:
    token = scene.ticket(scene.scan_job(a_bundle())).json()["token"]
    report = scene.scan_report(a_bundle())
    assert [scene.put(token, report).status_code for _ in range(2)] == [201, 200]
    other = report | {"unit_failures": ["test_x"]}
    assert scene.put(token, other).status_code == 409
    assert scene.kinds() == ["SCAN_FINISHED"]


def test_a_new_token_replaces_the_old_one_and_a_result_ends_the_tokens(scene: Scene) -> None:
    job = scene.scan_job(a_bundle())
    first, second = scene.ticket(job).json(), scene.ticket(job).json()
    assert first["job"] == second["job"]
    assert scene.put(first["token"], scene.scan_report(a_bundle())).status_code == 401
    assert scene.put(second["token"], scene.scan_report(a_bundle())).status_code == 201
    assert scene.ticket(job).json() == {"job": first["job"], "token": None}
    assert scene.ticket(job, task="another").json()["job"] != first["job"]


def test_tokens_are_stored_hashed_and_expire_by_the_database_s_clock(scene: Scene) -> None:
    token = scene.ticket(scene.scan_job(a_bundle())).json()["token"]
    with scene.office.writing() as connection:
        row = connection.execute(
            text("SELECT token_sha256, expires_at - now() AS left FROM ledger.ticket")
        ).one()
        assert row.token_sha256 == sha256_hex(token.encode())
        assert 4700 < row.left.total_seconds() <= 4800
        connection.execute(text("UPDATE ledger.ticket SET expires_at = clock_timestamp()"))
    assert scene.client.get("/jobs/current", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"component": "another"}, 409, "result.component"),
        ({"commit": OLD_COMMIT}, 409, "result.commit"),
        ({"mode": "incremental"}, 409, "result.mode"),
        ({"commit": "short"}, 422, "commit"),
        ({"extra": 1}, 422, "extra"),
        ({"unit_tests": {"total": -1, "failed": 0, "skipped": 0}}, 422, "unit_tests.total"),
    ],
)
def test_a_result_about_something_else_is_refused(
    scene: Scene, change: dict[str, Any], status: int, named: str
) -> None:
    token = scene.ticket(scene.scan_job(a_bundle())).json()["token"]
    answer = scene.put(token, scene.scan_report(a_bundle()) | change)
    assert answer.status_code == status
    assert named in answer.json()["error"]["message"]
    assert scene.kinds() == []


def test_a_scan_job_that_differs_from_the_catalogue_gets_no_ticket(scene: Scene) -> None:
    job = scene.scan_job(a_bundle())
    answer = scene.ticket(job.model_copy(update={"scanners": ["ruff"]}))
    assert "job.scanners: bandit, dependencies, semgrep missing" in answer.json()["error"]["message"]
    component = job.component.model_copy(update={"unit_tests": "nothing"})
    assert scene.ticket(job.model_copy(update={"component": component})).status_code == 409


def test_a_job_of_an_earlier_catalogue_still_gets_its_ticket(scene: Scene) -> None:
    job = scene.scan_job(a_bundle())
    first = scene.ticket(job).json()
    components = scene.folder / "components.yaml"
    components.write_text(components.read_text("utf-8").replace("委托网关", "网关"), "utf-8")
    assert scene.ticket(job).json()["job"] == first["job"]
    assert scene.ticket(job, task="new").status_code == 409


def test_a_suite_job_must_be_of_the_bundle_s_commit(scene: Scene) -> None:
    scene.seal(a_bundle())
    scene.suite(a_bundle(), "test")
    assert scene.kinds(environment="test") == ["SUITE_FINISHED"]
    job = scene.get(f"/jobs/{'0' * 64}", TASKS)
    assert job.status_code == 404
