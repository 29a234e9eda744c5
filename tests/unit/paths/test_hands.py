"""Who had a hand in a bundle is told once, for every component that brings commits."""

from __future__ import annotations

from builders import HASH, a_build, a_story, the_catalogue
from hummingbird.core.code_host import MergeRequest, PipelineState
from hummingbird.core.event import EventKind
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.paths import build
from hummingbird.paths.hands import tell_hands
from hummingbird.paths.seal import seal_bundle
from world_in_memory import MemoryCode, MemoryNotary

CATALOGUE = the_catalogue()
FILES = {f"config/{name}.properties": "limit = 1" for name in ("dev", "test", "prod")} | {
    "openapi.yaml": "openapi: 3.1.0"
}


def a_plan(commit: str) -> Plan:
    return Plan(
        dag_id="build",
        run_id="r",
        story=a_story(),
        requester=None,
        components=[PlannedComponent(name="order-gateway", branch="release/1.1.0", commit=commit)],
        policy_version=HASH,
    )


def a_merge(commit: str, by: str) -> MergeRequest:
    return MergeRequest(
        iid=7,
        title="t",
        url="http://gitlab/7",
        source_branch="feature/HB-101",
        target_branch="develop",
        commit=commit,
        state="merged",
        merged_by=by,
    )


def test_committer_merger_and_builder_are_told_and_the_same_again_is_one_event() -> None:
    code, notary = MemoryCode(), MemoryNotary()
    code.write("master", "start")
    head = code.write("release/1.1.0", "HB-101 iceberg", base="master", **FILES)
    code.graph[head] = code.graph[head].model_copy(update={"committer_email": "bot@hummingbird.example"})
    code.requests = [a_merge(head, "developer2"), a_merge("f" * 40, "nobody")]
    made = a_build(commit=head)
    code.pipelines[made.pipeline_id] = PipelineState(
        id=made.pipeline_id,
        status="success",
        url="http://gitlab/p",
        commit=head,
        started_by="release_manager",
    )
    plan = a_plan(head)
    build.record_build(notary, plan, made)
    bundle = seal_bundle(CATALOGUE, code, notary, plan)
    tell_hands(CATALOGUE, code, notary, plan, bundle)
    tell_hands(CATALOGUE, code, notary, plan, bundle)
    (told,) = notary.events(kinds=[EventKind.BUNDLE_TOUCHED], bundle=bundle.sha256)
    hands = told.event.data["touched"]["hands"]
    assert sorted((hand["part"], hand["system"], hand["account"]) for hand in hands) == [
        ("builder", "gitlab", "release_manager"),
        ("committer", "email", "bot@hummingbird.example"),
        ("merger", "gitlab", "developer2"),
    ]


def test_a_component_without_commits_has_no_hands() -> None:
    code, notary = MemoryCode(), MemoryNotary()
    code.write("master", "start")
    head = code.write("release/1.1.0", "HB-101 iceberg", base="master", **FILES)
    plan = a_plan(head)
    build.record_build(notary, plan, a_build(commit=head))
    bundle = seal_bundle(CATALOGUE, code, notary, plan)
    carried = [component.model_copy(update={"commits": 0}) for component in bundle.components]
    tell_hands(CATALOGUE, code, notary, plan, bundle.model_copy(update={"components": carried}))
    assert notary.events(kinds=[EventKind.BUNDLE_TOUCHED]) == []
