"""The main job, from a commit to production, on a platform of its own, played through public APIs."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from e2e.looking import (
    ended,
    kubectl,
    registry_digest,
    running_images,
    runs_of,
    said,
    task_logs,
    trigger,
    wait_for,
)
from e2e.onebox import OneBox
from sandbox.onebox.airflow_api import Refused
from sandbox.onebox.place import REPOSITORY
from sandbox.onebox.platform_environment import trace_environment

pytestmark = pytest.mark.e2e
OUTCOMES = ("DONE: ", "REFUSED: ", "BROKEN: ", "WAITING: ")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PATHS = {"scan", "build", "dev_deploy", "test_deploy", "approval", "promote", "prod_deploy"}
COMPONENTS = {"order-gateway", "quote-service", "trade-web"}
CLOUDS = ("prod-private", "prod-huawei", "prod-industry")
DEMO_SECONDS = 900


def test_each_component_keeps_one_digest_from_its_build_to_all_production_clouds(
    box: OneBox, delivered: str
) -> None:
    trace = delivered[delivered.index("Trace of HB-101") :]
    built = dict(re.findall(r" build +(\S+) \S+ (sha256:[0-9a-f]{64})", trace.replace(": sha256", " sha256")))
    assert set(built) == COMPONENTS
    assert set(DIGEST.findall(trace)) == set(built.values())
    for component, digest in built.items():
        for cluster in ("test", *CLOUDS):
            assert running_images(box, cluster, component) == {digest}, f"{component} in {cluster}"
        for project in ("dev", "test", *CLOUDS):
            repository = f"trading-{project}/{component}"
            assert registry_digest(box, repository, digest) == digest, repository


def test_the_run_search_finds_every_path_of_the_story_with_its_outcome_and_links(
    box: OneBox, delivered: str
) -> None:
    runs = runs_of(box, "HB-101")
    assert {run["dag_id"] for run in runs} == PATHS
    for run in runs:
        where = f"{run['dag_id']}/{run['dag_run_id']}"
        assert run["state"] == "success", where
        assert run["note"].startswith("DONE: "), where
        assert "/browse/HB-101" in run["note"], where
        assert "涨跌停" in run["note"], where
        parent = run["conf"].get("parent")
        if run["dag_id"] in ("test_deploy", "prod_deploy"):
            for link in ("/merge_requests/", "/pipelines/", "/reports-local/", "approval"):
                assert link in run["note"], f"{where}: {link}"
        if parent:
            assert f"/dags/{parent['dag_id']}/runs/" in run["note"], where


def test_every_task_ends_with_its_outcome_and_nothing_warns(box: OneBox, delivered: str) -> None:
    logs = task_logs(box, "HB-101*")
    assert len(logs) > 40
    for place, lines in logs.items():
        assert said(lines), place
        assert said(lines)[-1].startswith(OUTCOMES), f"{place}: {said(lines)[-1]}"
        loud = [line["event"] for line in lines if line.get("level") in ("warning", "error", "critical")]
        assert loud == [], f"{place}: {loud}"


def test_the_story_is_done_and_tagged_and_the_ledger_holds(box: OneBox, delivered: str) -> None:
    import requests

    world = box.place.world
    issue = requests.get(
        f"{world.url('jira')}/rest/api/2/issue/HB-101",
        auth=("platform", world.secret("jira.platform")), timeout=30,
    ).json()  # fmt: skip
    assert issue["fields"]["status"]["name"] == "Done"
    for component in COMPONENTS:
        tags = requests.get(
            f"{world.url('gitlab')}/api/v4/projects/trading%2F{component}/repository/tags",
            headers={"PRIVATE-TOKEN": world.secret("gitlab.platform")}, timeout=30,
        ).json()  # fmt: skip
        assert "v1.1.0" in [tag["name"] for tag in tags], component
    verified = subprocess.run(
        [sys.executable, "-m", "hummingbird", "ledger", "verify"],
        env={**os.environ, **trace_environment(box.place)}, cwd=REPOSITORY,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize(
    ("number", "story", "says"),
    [(1, "HB-104", "is closed"), (2, "OPS-7", "is of project OPS"), (3, "HB-9999", "does not exist")],
)
def test_a_story_that_cannot_travel_leaves_one_refused_run_and_nothing_else(
    box: OneBox, number: int, story: str, says: str
) -> None:
    pods_before = kubectl(box, "tools", "get", "pods", "-o", "name")
    run_id = f"{story}.{number}__refused"
    trigger(box, "test_deploy", run_id, story)
    run = ended(box, "test_deploy", run_id)
    assert run["state"] == "failed"
    assert run["note"].startswith("REFUSED: ")
    assert says in run["note"]
    assert [each["dag_id"] for each in runs_of(box, f"{story}.{number}")] == ["test_deploy"]
    assert kubectl(box, "tools", "get", "pods", "-o", "name") == pods_before
    logs = task_logs(box, run_id)
    assert not any(line.get("error_detail") for lines in logs.values() for line in lines)
    admitted = next(lines for place, lines in logs.items() if "task_id=admit" in place)
    assert said(admitted)[-1].startswith("REFUSED: ")


def test_a_malformed_story_is_refused_at_the_door_by_the_form_s_schema(box: OneBox) -> None:
    with pytest.raises(Refused) as told:
        trigger(box, "test_deploy", "malformed__1", "HB-1; id")
    assert told.value.status == 400


def test_people_without_the_role_cannot_start_a_delivery(box: OneBox) -> None:
    for account in ("auditor", "operations", "test_lead"):
        with pytest.raises(Refused) as told:
            trigger(box, "prod_deploy", f"HB-101.{account}__prod_deploy", "HB-101", account)
        assert told.value.status == 403


@pytest.mark.parametrize("fail", ["smoke", "readiness", "crash"])
@pytest.mark.long
@pytest.mark.full
def test_a_version_that_fails_in_production_is_rolled_back_and_then_mended(
    box: OneBox, delivered: str, fail: str
) -> None:
    before = running_images(box, "prod-huawei", "order-gateway")
    played = play(box, FAIL=fail)
    assert played.returncode == 0, f"{played.stdout[-4000:]}\n{played.stderr[-2000:]}"
    story = re.findall(r"story (HB-\d+) .*FAIL=", played.stdout)[-1]
    deliveries = sorted(
        (run for run in runs_of(box, story) if run["dag_id"] == "prod_deploy"),
        key=lambda run: str(run["start_date"]),
    )
    assert [run["state"] for run in deliveries] == ["failed", "success"]
    assert deliveries[0]["note"].startswith("REFUSED: prod-private: rolled back")
    told = played.stdout[: played.stdout.index("as designed")]
    back = next(line for line in told.splitlines() if " rolled back " in line)
    assert before <= set(DIGEST.findall(back))
    assert "prod-huawei not started, prod-industry not started" in told
    for cloud in CLOUDS:
        shown = kubectl(box, cloud, "get", "deployment", "order-gateway", "-o", "json")
        assert '"readyReplicas": 2' in shown
        assert running_images(box, cloud, "order-gateway") != before


@pytest.mark.long
@pytest.mark.full
def test_a_cloud_that_is_gone_leaves_a_partial_run_and_the_next_brings_only_what_is_missing(
    box: OneBox, delivered: str
) -> None:
    played = play(box, FAIL="cloud")
    assert played.returncode == 0, f"{played.stdout[-4000:]}\n{played.stderr[-2000:]}"
    told, afterwards = played.stdout.split("as designed", 1)
    assert "BROKEN: partial: prod-private ok; prod-huawei ok; prod-industry unknown" in told
    second = afterwards[afterwards.index("Trace of") :]
    for cloud in CLOUDS:
        brought = [line for line in second.splitlines() if " deployed  " in line and f"prod/{cloud}:" in line]
        assert len(brought) == 1, cloud
    digests = {cloud: running_images(box, cloud, "order-gateway") for cloud in CLOUDS}
    assert len({frozenset(found) for found in digests.values()}) == 1, digests


def play(box: OneBox, **settings: str) -> subprocess.CompletedProcess[str]:
    """`make demo` with settings, on the running platform."""
    where = ["--home", str(box.place.home), "--port-base", str(box.place.port_base)]
    return subprocess.run(
        [sys.executable, "-m", "sandbox.onebox", "demo", *where],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "include"), **settings},
        capture_output=True, text=True, timeout=DEMO_SECONDS, check=False,
    )  # fmt: skip


def test_a_signature_that_is_marked_is_no_approval_and_is_asked_again(box: OneBox, delivered: str) -> None:
    story = released_story(box)
    run_id = f"{story}.7__test_deploy"
    trigger(box, "test_deploy", run_id, story)
    reader, administrator = box.airflow("auditor"), box.airflow("administrator")

    def prompt(run: str) -> str | None:
        tasks = reader.get(f"/dags/approval/dagRuns/{run}/taskInstances/sign/listMapped")["task_instances"]
        return "parked" if any(task["state"] == "awaiting_input" for task in tasks) else None

    first = f"{run_id}__approval"
    wait_for(lambda: exists(reader, first), "the approval run")
    wait_for(lambda: prompt(first), "the prompt")
    administrator.patch(f"/dags/approval/dagRuns/{first}/taskInstances/sign/0", {"new_state": "success"})
    marked = ended(box, "approval", first)
    assert marked["state"] == "failed"
    assert "marking is not an approval" in marked["note"]
    second = f"{run_id}__approval__2"
    wait_for(lambda: exists(reader, second), "the new question")
    wait_for(lambda: prompt(second), "the new prompt")
    waiting = reader.get(f"/dags/test_deploy/dagRuns/{run_id}")
    assert waiting["state"] == "running"


def exists(reader: object, run: str) -> bool | None:
    """True once the approval run is there."""
    try:
        reader.get(f"/dags/approval/dagRuns/{run}")  # type: ignore[attr-defined]
    except Refused as refused:
        assert refused.status == 404
        return None
    return True


def released_story(box: OneBox) -> str:
    """The next story's work, on release branches; its key."""
    from sandbox.onebox.play.developer import push_work
    from sandbox.onebox.play.systems import Backlog, DeveloperGitLab
    from sandbox.seed.stories import commits_for

    story = Backlog(box.place).next()
    for work in commits_for(story.key, story.title):
        head = push_work(box.place, work)
        DeveloperGitLab(box.place, work.component).cut("release/9.9.0", head)
    return story.key
