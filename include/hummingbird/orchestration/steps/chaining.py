"""Paths that start paths: which, for what, and whether they are waited for."""

from __future__ import annotations

from typing import Any

from airflow.sdk import XComArg
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.gitflow import flow_of
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, wiring
from hummingbird.orchestration.children import ChildRun
from hummingbird.paths import build, jobs


def scan_each(components: XComArg) -> MappedOperator:
    """A full scan of each component's commit, waited for; one by the same rules is not run again."""
    return ChildRun.partial(task_id="scan", path="scan", unless=_scanned).expand_kwargs(components)


def build_each(components: XComArg) -> MappedOperator:
    """A build of each component's commit, waited for; a commit that was built is not built again."""
    return ChildRun.partial(task_id="build", path="build", unless=_built).expand_kwargs(components)


def build_next() -> ChildRun:
    """After a green scan of a push to develop, release or hotfix: build, in its own run."""
    return ChildRun(
        task_id="start_build", path="build", wait=False, unless=_branch_is_not_built, with_conf=_same_change
    )


def deploy_to_dev_next() -> ChildRun:
    """After a build of develop: deploy to dev, in its own run."""
    return ChildRun(
        task_id="start_dev_deploy",
        path="dev_deploy",
        wait=False,
        unless=_branch_is_not_develop,
        with_conf=_same_change,
    )


def promote() -> ChildRun:
    """Copy the bundle to where the environment's clusters pull it."""
    return ChildRun(task_id="promote", path="promote", with_conf=_same_bundle)


def _scanned(plan: Plan, told: dict[str, Any]) -> str | None:
    catalogue = wiring.catalogue()
    job = jobs.scan_job(catalogue, _plan_of(plan, told), wiring.toolbox_image(catalogue))
    same = jobs.same_scan(wiring.notary(), job)
    if same is None:
        return None
    subject = f"{job.component.name} {job.commit[:8]}"
    return f"the full scan of {subject} by the same rules is recorded: reused, {same[1].report_url}"


def _built(plan: Plan, told: dict[str, Any]) -> str | None:
    planned = _plan_of(plan, told).components[0]
    built = build.existing_build(wiring.notary(), wiring.image_store(), planned)
    if built is None:
        return None
    return f"{planned.name} {planned.commit[:8]} is built: {built.image.digest} by {built.pipeline_url}"


def _plan_of(plan: Plan, told: dict[str, Any]) -> Plan:
    mine = [planned for planned in plan.components if planned.name == told["component"]]
    return plan.model_copy(update={"components": mine, "mode": "full"})


def _branch_is_not_built(plan: Plan, told: dict[str, Any]) -> str | None:  # noqa: ARG001 - ChildRun's interface
    if plan.mode != "incremental":
        return "a full scan was asked for, and nothing else"
    branch = plan.components[0].branch
    flow = flow_of(branch)
    return None if flow.built else f"{branch or 'a commit without a branch'} {flow.says}"


def _branch_is_not_develop(plan: Plan, told: dict[str, Any]) -> str | None:  # noqa: ARG001
    branch = plan.components[0].branch
    flow = flow_of(branch)
    return None if flow.to_dev else f"{branch or 'a commit without a branch'} {flow.says}"


def _same_change(plan: Plan) -> dict[str, Any]:
    planned = plan.components[0]
    return {"component": planned.name, "commit": planned.commit, "branch": planned.branch}


def _same_bundle(plan: Plan) -> dict[str, Any]:
    return {"bundle": current.bundle_sha256(), "environment": plan.environment}
