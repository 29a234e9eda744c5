"""Build, seal, feedback, runs and properties: what they return, and what they refuse."""

from __future__ import annotations

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    COMMIT,
    DIGEST,
    HASH,
    a_build,
    a_bundle,
    a_finding,
    a_request,
    a_scan,
    a_story,
    the_catalogue,
)
from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.code_host import MergeRequest, PipelineState
from hummingbird.core.errors import Conflict, Invalid, Mismatch, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.finding import TestCounts
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import ImageStore, PackageStore
from hummingbird.core.story import StoryKey
from hummingbird.paths import build, close, feedback, jobs
from hummingbird.paths.properties import parse_properties
from hummingbird.paths.runs import child_run_id
from hummingbird.paths.seal import seal_bundle
from world_in_memory import MemoryCode, MemoryNotary, MemoryStores, MemoryTracker

CATALOGUE = the_catalogue()
GATEWAY = CATALOGUE.component("order-gateway")
DONE = PipelineState(id=7, status="success", url="https://gitlab.example/p/7", commit=COMMIT)
MADE = {
    "component": "order-gateway",
    "version": "1.1.0",
    "commit": COMMIT,
    "image": {"repository": "trading-dev/order-gateway", "digest": DIGEST},
    "packages": [{"repository": "trading-dev-local", "path": "a.tar.gz", "sha256": HASH}],
}


def a_plan(commit: str = COMMIT) -> Plan:
    return Plan(
        dag_id="build",
        run_id="r",
        story=a_story(),
        requester=None,
        components=[
            PlannedComponent(name="order-gateway", branch="release/1.1.0", commit=commit, merge_request=3)
        ],
        policy_version=HASH,
    )


def a_merge_request(**changes: str) -> MergeRequest:
    request = MergeRequest(
        iid=3,
        title="HB-101",
        url="https://gitlab.example/!3",
        source_branch="release/1.1.0",
        target_branch="develop",
        commit=COMMIT,
        state="opened",
    )
    return request.model_copy(update=changes)


def stores() -> MemoryStores:
    return MemoryStores(
        images={("trading-dev/order-gateway", DIGEST)}, packages={("trading-dev-local", "a.tar.gz"): HASH}
    )


def read(content: object, held: MemoryStores) -> object:
    code = MemoryCode(files={("build.json", "7"): json.dumps(content).encode()})
    return build.read_build(code, cast(ImageStore, held), cast(PackageStore, held), GATEWAY, DONE)


def test_a_build_is_what_the_pipeline_says_and_the_stores_confirm() -> None:
    assert read(MADE, stores()) == a_build(packages=MADE["packages"], pipeline_url=DONE.url)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"commit": "2" * 40}, Mismatch),
        ({"component": "other"}, Mismatch),
        ({"image": {"repository": "trading-dev/order-gateway", "digest": "sha256:" + "9" * 64}}, Mismatch),
        (
            {"packages": [{"repository": "trading-dev-local", "path": "a.tar.gz", "sha256": "9" * 64}]},
            Mismatch,
        ),
        ({"packages": [{"repository": "trading-dev-local", "path": "gone", "sha256": HASH}]}, Mismatch),
        ({"image": {"repository": "trading-dev/order-gateway", "digest": "latest"}}, Invalid),
        ({"surprise": 1}, Invalid),
    ],
)
def test_a_pipeline_that_says_something_else_than_the_stores_is_not_believed(
    changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        read({**MADE, **changes}, stores())


def test_a_commit_that_was_built_is_not_built_again_unless_its_image_is_gone() -> None:
    notary = MemoryNotary()
    build.record_build(notary, a_plan(), a_build())
    planned = a_plan().components[0]
    assert build.existing_build(notary, cast(ImageStore, stores()), planned) == a_build()
    assert build.existing_build(notary, cast(ImageStore, MemoryStores()), planned) is None


def test_a_release_that_was_cut_without_a_change_takes_the_digest_of_develop() -> None:
    notary, at_develop = MemoryNotary(), a_plan()
    on_develop = at_develop.components[0].model_copy(update={"branch": "develop"})
    build.record_build(notary, at_develop.model_copy(update={"components": [on_develop]}), a_build())
    on_release = a_plan().components[0]
    assert on_release.branch == "release/1.1.0"
    assert build.existing_build(notary, cast(ImageStore, stores()), on_release) == a_build()


def test_sealing_takes_commits_configuration_contract_and_known_stories() -> None:
    code, notary = MemoryCode(), MemoryNotary()
    code.write("master", "first")
    head = code.write(
        "release/1.1.0",
        "HB-101 iceberg, reads UTF-8",
        base="master",
        **{
            "config/dev.properties": "limit = 1",
            "config/test.properties": "limit = 2",
            "config/prod.properties": "limit = 3 冰",
            "openapi.yaml": "openapi: 3.1.0",
        },
    )
    build.record_build(notary, a_plan(head), a_build(commit=head))
    sealed = seal_bundle(CATALOGUE, code, notary, a_plan(head)).components[0]
    assert sealed.configuration["prod"].items == {"limit": "3 冰"}
    assert sealed.stories == ["HB-101"]
    assert sealed.authors == ["developer@hummingbird.example"]
    assert sealed.contract_sha256 is not None
    assert sealed.commits == 1


def test_a_commit_without_a_build_cannot_be_sealed() -> None:
    code = MemoryCode()
    with pytest.raises(NotFound, match="no recorded build"):
        seal_bundle(CATALOGUE, code, MemoryNotary(), a_plan(code.write("release/1", "HB-101")))


def test_the_developer_hears_findings_with_the_command_that_shows_them() -> None:
    code, tracker = MemoryCode(requests=[a_merge_request()]), MemoryTracker()
    report = a_scan(
        findings=[a_finding()],
        unit_tests=TestCounts(total=5, failed=1, skipped=0),
        unit_failures=["tests.test_a::test_b"],
        report_url="https://reports.example/r.html",
    )
    feedback.tell_scan(
        code, tracker, a_plan(), "trading/order-gateway", report, "https://airflow.example/run"
    )
    assert code.statuses[0][2] == "failed"
    note = code.notes[3, "hummingbird:scan"]
    assert "reproduce: `semgrep --config rules src/a.py`" in note
    assert "tests.test_a::test_b" in note
    assert tracker.links["HB-101", "hummingbird:scan:order-gateway"].endswith("r.html")


def test_a_merge_request_that_has_moved_on_hears_nothing_of_an_old_commit() -> None:
    code, tracker = MemoryCode(requests=[a_merge_request(commit="9" * 40)]), MemoryTracker()
    feedback.tell_scan(code, tracker, a_plan(), "trading/order-gateway", a_scan(), "https://airflow.example")
    assert code.notes == {}
    assert code.statuses[0][0] == COMMIT


def test_a_rejection_reaches_the_requester_and_the_authors_once_with_its_reason() -> None:
    bundle = a_bundle()
    request = a_request(bundle)
    said = RequestStatus(
        id=request.id, request=request, approvals=[], state=RequestState.REJECTED, why="too late today"
    )
    tracker = MemoryTracker()
    for _ in range(2):
        feedback.tell_rejection(CATALOGUE, tracker, said, bundle)
    (text,) = tracker.comments.values()
    assert text.startswith("[~release_manager] [~developer] deploy of bundle")
    assert "too late today" in text


def test_a_request_is_told_of_any_recorded_scan_of_its_commit_and_a_full_scan_takes_a_full_one() -> None:
    notary = MemoryNotary()
    plan = a_plan().model_copy(update={"mode": "incremental"})
    job = jobs.scan_job(CATALOGUE, plan, "toolbox@sha256:1")
    report = a_scan(mode="incremental")
    notary.append(
        DeliveryEvent(
            kind=EventKind.SCAN_FINISHED,
            key="job:7",
            subject=COMMIT,
            component="order-gateway",
            actor="job:7",
            data={"report": report.document(), "rules": job.rules},
        )
    )
    assert jobs.same_scan(notary, job, any_mode=True) == ("7", report)
    assert jobs.same_scan(notary, job) is None
    other_rules = jobs.scan_job(CATALOGUE, plan, "toolbox@sha256:2")
    assert jobs.same_scan(notary, other_rules, any_mode=True) is None


def test_a_clean_scan_is_green_and_one_without_tests_is_not() -> None:
    assert feedback.is_green(a_scan())
    assert not feedback.is_green(a_scan(unit_tests=TestCounts(total=0, failed=0, skipped=0)))


def test_a_version_that_was_given_to_another_commit_is_a_conflict() -> None:
    code, notary = MemoryCode(tags={"v1.1.0": "9" * 40}), MemoryNotary()
    with pytest.raises(Conflict):
        close.tag_release(CATALOGUE, code, notary, a_bundle(), "prod_deploy/r")
    assert notary.recorded == []


def test_closing_twice_says_it_once() -> None:
    tracker, notary = MemoryTracker(), MemoryNotary()
    tracker.add(a_story())
    for _ in range(2):
        close.close_stories(CATALOGUE, tracker, notary, a_bundle(), "prod_deploy/r")
    assert tracker.stories["HB-101"].status == "Done"
    assert len(tracker.comments) == 1
    assert len(notary.recorded) == 1


def test_a_child_run_is_named_after_the_story_and_is_the_same_on_every_try() -> None:
    story = StoryKey("HB-101")
    assert child_run_id(story, "test_deploy", "HB-101.1__test_deploy", "scan", "order-gateway") == (
        "HB-101.1__test_deploy__scan__order-gateway"
    )
    manual = child_run_id(story, "test_deploy", "manual__2026-11-22T10:00:00+00:00", "scan")
    assert manual.startswith("HB-101.")
    assert manual == child_run_id(story, "test_deploy", "manual__2026-11-22T10:00:00+00:00", "scan")


def test_properties_are_read_line_by_line() -> None:
    assert parse_properties("# c\n\na = 1\nb=冰 = x\n".encode(), "f") == {"a": "1", "b": "冰 = x"}


@pytest.mark.parametrize("text", ["a", "=1", "a=1\na=2"])
def test_a_line_that_is_no_property_is_named(text: str) -> None:
    with pytest.raises(Invalid, match=r"dev\.properties:"):
        parse_properties(text.encode(), "dev.properties")


def test_a_file_that_is_not_utf_8_is_named() -> None:
    with pytest.raises(Invalid, match="not UTF-8"):
        parse_properties(b"a=\xff", "dev.properties")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        parse_properties(content, "f")
    except Invalid as error:
        assert str(error).startswith("f")
