"""The ways to change an object by parts, and who owns a field after server-side applies."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sandbox.clusters.patches.apply import server_side_apply
from sandbox.clusters.patches.json_patch import json_patch
from sandbox.clusters.patches.managers import managers_of, track_update
from sandbox.clusters.patches.merge_patch import merge_patch
from sandbox.clusters.patches.strategic import strategic_merge
from sandbox.clusters.statuses import ApiError


def body(*env: tuple[str, str], **spec: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "i", "env": [{"name": name, "value": value} for name, value in env]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "dev", "labels": {"app": "web"}},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [container]}}, **spec},
    }


def environment(found: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in found["spec"]["template"]["spec"]["containers"][0]["env"]}


def test_a_strategic_merge_keeps_what_it_does_not_name() -> None:
    before = body(("A", "1"), ("B", "2"))
    patch = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "env": [{"name": "B", "value": "3"}]}]}}
        }
    }
    after = strategic_merge(before, patch)
    assert environment(after) == {"A": "1", "B": "3"}
    assert environment(before) == {"A": "1", "B": "2"}


def test_a_strategic_merge_orders_and_deletes_as_kubectl_directs() -> None:
    env = {"$setElementOrder/env": [{"name": "C"}, {"name": "A"}], "name": "web"}
    env["env"] = [{"name": "C", "value": "3"}, {"name": "B", "$patch": "delete"}]
    patch = {
        "spec": {
            "template": {"spec": {"$setElementOrder/containers": [{"name": "web"}], "containers": [env]}}
        }
    }
    after = strategic_merge(body(("A", "1"), ("B", "2")), patch)
    assert list(environment(after).items()) == [("C", "3"), ("A", "1")]


def test_a_merge_patch_replaces_lists_and_removes_nulls() -> None:
    after = merge_patch(body(), {"metadata": {"labels": {"app": None, "x": "1"}}, "spec": {"replicas": 1}})
    assert after["metadata"]["labels"] == {"x": "1"}
    assert after["spec"]["replicas"] == 1


def test_a_json_patch_applies_whole_or_not_at_all() -> None:
    before = body()
    with pytest.raises(ApiError) as refused:
        json_patch(
            before, [{"op": "replace", "path": "/spec/replicas", "value": 1}, {"op": "remove", "path": "/no"}]
        )
    assert refused.value.code == 422
    assert before["spec"]["replicas"] == 2
    labels = [{"op": "add", "path": "/metadata/labels/a~1b", "value": "1"}]
    assert json_patch(before, labels)["metadata"]["labels"] == {"app": "web", "a/b": "1"}


def test_two_appliers_own_what_each_said() -> None:
    first = server_side_apply(None, body(("A", "1")), "one", force=False)
    second_config = body(("B", "2"))
    del second_config["spec"]["replicas"]
    second = server_side_apply(first, second_config, "two", force=False)
    assert environment(second) == {"A": "1", "B": "2"}
    assert {each.name for each in managers_of(second)} == {"one", "two"}


def test_a_field_of_another_manager_is_refused_with_its_path_and_taken_by_force() -> None:
    first = server_side_apply(None, body(("A", "1")), "one", force=False)
    with pytest.raises(ApiError) as refused:
        server_side_apply(first, body(("A", "2")), "two", force=False)
    assert refused.value.code == 409
    assert refused.value.details == {
        "causes": [
            {
                "reason": "FieldManagerConflict",
                "message": 'conflict with "one"',
                "field": '.spec.template.spec.containers[name="web"].env[name="A"].value',
            }
        ]
    }
    forced = server_side_apply(first, body(("A", "2")), "two", force=True)
    assert environment(forced) == {"A": "2"}
    again = server_side_apply(forced, body(("A", "2")), "two", force=False)
    assert again["spec"] == forced["spec"]


def test_what_an_applier_no_longer_says_goes_unless_another_owns_it() -> None:
    first = server_side_apply(None, body(("A", "1"), ("B", "2")), "one", force=False)
    after = server_side_apply(first, body(("A", "1")), "one", force=False)
    assert environment(after) == {"A": "1"}
    shared = server_side_apply(first, body(("B", "2")), "two", force=False)
    kept = server_side_apply(shared, body(("A", "1")), "one", force=False)
    assert environment(kept) == {"A": "1", "B": "2"}


def test_a_plain_write_takes_ownership_and_a_later_apply_conflicts() -> None:
    first = server_side_apply(None, body(), "one", force=False)
    scaled = copy.deepcopy(first)
    scaled["spec"]["replicas"] = 5
    track_update(first, scaled, "kubectl", "scale")
    with pytest.raises(ApiError) as refused:
        server_side_apply(scaled, body(), "one", force=False)
    assert 'conflict with "kubectl" with subresource "scale" using apps/v1 at ' in refused.value.message
    assert ".spec.replicas" in refused.value.message
