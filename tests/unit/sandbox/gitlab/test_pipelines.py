"""Pipelines that really run: gitlab-ci-local on Node, in a fresh clone of the commit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gitlab
import pytest

from unit.sandbox.gitlab.gitlab_process import alive
from unit.sandbox.gitlab.gitlab_world import Clone, Receiver, Running, ended
from waiting import until

TWO_JOBS = """
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "api"
stages: [build, verify]
compile:
  stage: build
  script:
    - mkdir -p out/深
    - echo "$CI_COMMIT_SHA" > out/commit.txt
    - echo 内容 > out/深/b.txt
    - echo "DIGEST=sha256:abc" > build.env
    - echo "secret=$REGISTRY_PASSWORD greeting=$GREETING branch=$CI_COMMIT_BRANCH"
  artifacts:
    paths: [out/]
    reports: {dotenv: build.env}
check all:
  stage: verify
  script:
    - test "$(cat out/commit.txt)" = "$CI_COMMIT_SHA"
    - test "$DIGEST" = sha256:abc
    - test "$(git rev-parse HEAD)" = "$CI_COMMIT_SHA"
    - env > names.txt; cat names.txt
    - echo '<testsuite/>' > report.xml
    - echo "job token $CI_JOB_TOKEN"
    - git clone --quiet --branch develop "$CI_REPOSITORY_URL" again
    - test "$(git -C again rev-parse HEAD)" = "$CI_COMMIT_SHA"
  artifacts:
    reports: {junit: report.xml}
"""


def test_two_jobs_run_with_artifacts_reports_and_masked_secrets(
    hub: Any, push: Callable[[str], str], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "must-not-be-seen")
    hub.hooks.create({"url": receiver.url, "push_events": False, "pipeline_events": True})
    sha = push(TWO_JOBS)
    made = hub.pipelines.create({"ref": "develop", "variables": [{"key": "GREETING", "value": "你好 世界"}]})
    assert (made.status, made.sha, made.ref) == ("pending", sha, "develop")
    pipeline = ended(hub, made.id)
    traces = {one.name: hub.jobs.get(one.id).trace().decode() for one in pipeline.jobs.list()}
    assert pipeline.status == "success", traces
    assert pipeline.duration > 0
    compile_job, check = pipeline.jobs.list()
    assert [(one.name, one.stage, one.status) for one in (compile_job, check)] == [
        ("compile", "build", "success"),
        ("check all", "verify", "success"),
    ]
    assert compile_job.finished_at <= check.started_at

    assert "secret=[MASKED] greeting=你好 世界 branch=develop" in traces["compile"]
    assert "very-secret-value" not in "".join(traces.values())
    assert "job token [MASKED]" in traces["check all"]
    assert "must-not-be-seen" not in traces["check all"]
    assert f"CI_PIPELINE_ID={made.id}" in traces["check all"]
    assert f"CI_JOB_ID={check.id}" in traces["check all"]
    assert "CI_PROJECT_PATH=trading/order-gateway" in traces["check all"]

    full = hub.jobs.get(compile_job.id)
    archive = zipfile.ZipFile(io.BytesIO(full.artifacts()))
    assert sorted(archive.namelist()) == ["out/commit.txt", "out/深/b.txt"]
    assert full.artifact("out/commit.txt").decode().strip() == sha
    assert full.artifact("build.env").decode() == "DIGEST=sha256:abc\n"
    assert hub.jobs.get(check.id).artifact("report.xml").decode() == "<testsuite/>\n"
    with pytest.raises(gitlab.GitlabGetError):
        full.artifact("../../gitlab.sqlite")

    headers, event = receiver.next()
    assert headers["X-Gitlab-Event"] == "Pipeline Hook"
    assert (event["object_attributes"]["id"], event["object_attributes"]["status"]) == (made.id, "success")
    assert [build["status"] for build in event["builds"]] == ["success", "success"]
    assert [one.id for one in hub.pipelines.list(sha=sha, status="success")] == [made.id]


def test_a_failed_job_fails_its_pipeline_and_is_run_again_by_retry(
    hub: Any, push: Callable[[str], str]
) -> None:
    push(
        "stages: [a, b, c]\n"
        "shaky: {stage: a, allow_failure: true, script: ['exit 4']}\n"
        "made: {stage: a, script: ['echo 1 > kept'], artifacts: {paths: [kept]}}\n"
        "broken: {stage: b, script: ['cat kept', 'test -e /$NEVER/x || exit 3']}\n"
        "after: {stage: c, script: [echo]}\n"
        "always: {stage: c, when: always, script: [echo]}\n"
        "mend: {stage: c, when: on_failure, script: [echo]}\n"
    )
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    assert pipeline.status == "failed"
    found = {one.name: one for one in pipeline.jobs.list()}
    assert {name: one.status for name, one in found.items()} == {
        "shaky": "failed",
        "made": "success",
        "broken": "failed",
        "after": "skipped",
        "always": "success",
        "mend": "success",
    }
    assert found["broken"].failure_reason == "script_failure"
    assert "ERROR: Job failed: exit code 3" in hub.jobs.get(found["broken"].id).trace().decode()
    pipeline.retry()
    assert ended(hub, pipeline.id).status == "failed"
    again = {one.name: one.id for one in hub.pipelines.get(pipeline.id).jobs.list()}
    assert again["made"] == found["made"].id
    assert again["broken"] > found["broken"].id
    assert "$ cat kept\n1\n" in hub.jobs.get(again["broken"]).trace().decode()


def test_a_manual_job_waits_for_a_person_and_blocks_what_comes_after(
    hub: Any, push: Callable[[str], str]
) -> None:
    push(
        "stages: [a, b]\n"
        "free: {stage: a, script: [echo], when: manual}\n"
        "ask: {stage: a, script: [echo], rules: [{when: manual}]}\n"
        "after: {stage: b, script: [echo]}\n"
    )
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    assert pipeline.status == "manual"
    found = {one.name: one for one in pipeline.jobs.list()}
    assert {name: one.status for name, one in found.items()} == {
        "free": "manual",
        "ask": "manual",
        "after": "created",
    }
    hub.jobs.get(found["ask"].id).play()
    assert ended(hub, pipeline.id).status == "success"
    assert hub.jobs.get(found["after"].id).status == "success"
    assert hub.jobs.get(found["free"].id).status == "manual"


def test_a_canceled_pipeline_leaves_no_process(hub: Any, push: Callable[[str], str], tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    push(f"slow: {{script: ['sleep 300 & echo $! > {mark}; wait']}}\n")
    made = hub.pipelines.create({"ref": "develop"})
    until(mark.exists)
    until(lambda: mark.read_text().strip() != "")
    made.cancel()
    assert ended(hub, made.id).status == "canceled"
    until(lambda: not alive(int(mark.read_text())))


def test_a_stopped_sandbox_stops_its_jobs(
    running: Running, hub: Any, push: Callable[[str], str], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    push(f"slow: {{script: ['echo $$ > {mark}; sleep 300']}}\n")
    made = hub.pipelines.create({"ref": "develop"})
    until(lambda: mark.exists() and mark.read_text().strip() != "")
    running.stop()
    until(lambda: not alive(int(mark.read_text())))
    running.start()
    assert ended(hub, made.id).status == "failed"
    assert "the sandbox was stopped" in hub.jobs.get(made.jobs.list()[0].id).trace().decode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "Missing CI config file"),
        ('workflow: {rules: [{if: $CI_PIPELINE_SOURCE == "push"}]}\na: {script: [echo]}\n', "workflow rules"),
        ("a: {script: [echo], rules: [{if: $NO}]}\n", "Pipeline will not run"),
        ("a: {stage: [}\n", "gitlab-ci"),
    ],
)
def test_a_file_that_gives_no_pipeline_is_refused(
    hub: Any, push: Callable[[str], str], content: str, why: str
) -> None:
    if content:
        push(content)
    with pytest.raises(gitlab.GitlabCreateError, match=why) as refused:
        hub.pipelines.create({"ref": "develop"})
    assert refused.value.response_code == 400
    assert hub.pipelines.list() == []


def test_an_unknown_ref_gives_no_pipeline(hub: Any) -> None:
    with pytest.raises(gitlab.GitlabCreateError, match="Reference not found"):
        hub.pipelines.create({"ref": "nowhere"})


def test_a_push_alone_starts_nothing(hub: Any, push: Callable[[str], str]) -> None:
    push(TWO_JOBS)
    assert hub.pipelines.list() == []


def test_a_project_may_keep_its_pipeline_in_another_file_that_includes_the_usual_one(
    hub: Any, push: Callable[[str], str], maintainer: Clone
) -> None:
    other = "include: [{local: .gitlab-ci.yml}]\nlast:\n  stage: .post\n  script: [cat first.txt]\n"
    maintainer.commit("delivery", {"delivery/ci.yml": other})
    push("first:\n  script: [echo 1 > first.txt]\n  artifacts: {paths: [first.txt]}\n")
    hub.ci_config_path = "delivery/ci.yml"
    hub.save()
    assert hub.manager.get(hub.id).ci_config_path == "delivery/ci.yml"
    pipeline = ended(hub, hub.pipelines.create({"ref": "develop"}).id)
    assert pipeline.status == "success"
    assert sorted(job.name for job in pipeline.jobs.list()) == ["first", "last"]
