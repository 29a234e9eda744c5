"""Paths that start paths: which, for what, and whether they are waited for."""

from __future__ import annotations

from typing import Any

from airflow.sdk import XComArg, task
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.plan import Plan
from hummingbird.orchestration import current
from hummingbird.orchestration.children import ChildRun

BUILT_BRANCHES = ("release/", "hotfix/")


@task
def each_component() -> list[dict[str, Any]]:
    """One child for every component of the plan: what each is told."""
    return [
        {
            "part": planned.name,
            "with_conf": {
                "component": planned.name,
                "commit": planned.commit,
                "branch": planned.branch,
                "mode": "full",
            },
        }
        for planned in current.plan().components
    ]


def run_each(path: str, components: XComArg) -> MappedOperator:
    """Run a path for each component and wait for all."""
    return ChildRun.partial(task_id=path, path=path).expand_kwargs(components)


def build_next() -> ChildRun:
    """After a green scan of a push to develop, release or hotfix: build, in its own run."""
    return ChildRun(task_id="start_build", path="build", wait=False, needed=_is_built, with_conf=_same_change)


def deploy_to_dev_next() -> ChildRun:
    """After a build of develop: deploy to dev, in its own run."""
    return ChildRun(
        task_id="start_dev_deploy", path="dev_deploy", wait=False, needed=_is_develop, with_conf=_same_change
    )


def promote() -> ChildRun:
    """Copy the bundle to where the environment's clusters pull it."""
    return ChildRun(task_id="promote", path="promote", with_conf=_same_bundle)


def _is_built(plan: Plan) -> bool:
    branch = plan.components[0].branch
    return plan.mode == "incremental" and (_is_develop(plan) or branch.startswith(BUILT_BRANCHES))


def _is_develop(plan: Plan) -> bool:
    return plan.components[0].branch == "develop"


def _same_change(plan: Plan) -> dict[str, Any]:
    planned = plan.components[0]
    return {"component": planned.name, "commit": planned.commit, "branch": planned.branch}


def _same_bundle(plan: Plan) -> dict[str, Any]:
    return {"bundle": current.bundle_sha256(), "environment": plan.environment}
