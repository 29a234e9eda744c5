"""Seeding without the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.gitlab import seed_project
from stand_ins import free_world
from unit.sandbox.gitlab.gitlab_world import Clone, Running


def test_a_folder_becomes_a_project_once(running: Running, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "src").mkdir(parents=True)
    (source / "src" / "说明.txt").write_text("一", "utf-8")
    hooks = [{"url": "http://127.0.0.1:9/", "token": "t", "pipeline_events": True}]
    variables: dict[str, str | dict[str, Any]] = {
        "PLAIN": "one",
        "HIDDEN": {"value": "long-secret", "masked": True},
    }
    first = seed_project(running.world, "trading/order-gateway", source, hooks=hooks, variables=variables)
    (source / "src" / "说明.txt").write_text("二", "utf-8")
    again = seed_project(
        running.world, "trading/order-gateway", source, hooks=hooks, variables={"PLAIN": "two"}
    )
    assert first["id"] == again["id"]

    hub = running.api("platform").projects.get("trading/order-gateway")
    assert {branch.name for branch in hub.branches.list()} == {"master", "develop"}
    assert hub.files.get("src/说明.txt", ref="develop").decode().decode() == "一"
    assert [hook.pipeline_events for hook in hub.hooks.list()] == [True]
    assert {one.key: one.value for one in hub.variables.list()} == {"PLAIN": "two", "HIDDEN": "long-secret"}
    assert hub.variables.get("HIDDEN").masked


def test_a_repository_is_taken_with_its_branches_and_tags(tmp_path: Path) -> None:
    world = free_world(tmp_path / "home", "gitlab")
    source = Clone(tmp_path / "source", "unused")
    commit = source.commit("one", {"a": "1"})
    source.git("branch", "develop")
    source.git("tag", "v1")
    seed_project(world, "trading/order-gateway", source.folder)
    running = Running(world)
    try:
        hub = running.api("auditor").projects.get("trading/order-gateway")
        assert hub.branches.get("develop").commit["id"] == commit
        assert [tag.name for tag in hub.tags.list()] == ["v1"]
    finally:
        running.close()
