"""Build: the project's own pipeline, once a commit, and what it made, read back and signed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, get_current_context, task

from hummingbird.core.artifact import Build
from hummingbird.core.code_host import PipelineState
from hummingbird.core.errors import Mismatch
from hummingbird.core.event import EventKind
from hummingbird.core.plan import PlannedComponent
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.refusal import Refused
from hummingbird.paths import build

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

PATIENCE_SECONDS = 30
"""How long a poke stays with the pipeline before it gives its worker back."""


@task
def start_pipeline() -> dict[str, Any]:
    """Find or start the pipeline of the plan's commit; a commit that was built before needs none."""
    plan = current.plan()
    planned = plan.components[0]
    built = build.existing_build(wiring.notary(), wiring.image_store(), planned)
    if built is not None:
        outcome.say(f"{planned.name} {planned.commit[:8]} was built by pipeline {built.pipeline_id}: reused")
        return PipelineState(
            id=built.pipeline_id, status="success", url=built.pipeline_url, commit=planned.commit
        ).document()
    project = wiring.catalogue().component(planned.name).gitlab_project
    state = wiring.code_host().find_or_start_pipeline(project, planned.branch, planned.commit)
    outcome.say(f"pipeline {state.id} builds {planned.name} {planned.commit[:8]}: {state.url}")
    return state.document()


class PipelineSensor(BaseSensorOperator):
    """Wait for the pipeline that `start_pipeline` named; a failed one refuses with its last lines."""

    def poke(self, context: Context) -> bool:
        state = _state(context["ti"].xcom_pull(task_ids="start_pipeline"))
        project = wiring.catalogue().component(current.plan().components[0].name).gitlab_project
        until = time.monotonic() + PATIENCE_SECONDS
        while not build.finished(state):
            if time.monotonic() > until:
                return False
            time.sleep(1)  # GitLab's API has no long poll; the worker is given back after PATIENCE_SECONDS
            state = wiring.code_host().pipeline(project, state.id)
        if state.status != "success":
            failed = wiring.code_host().failed_jobs(project, state.id)
            raise Refused(
                f"pipeline {state.url} ended {state.status}: {'; '.join(failed) or 'no job says why'}"
            )
        outcome.say(f"pipeline {state.id} succeeded: {state.url}")
        return True


def await_pipeline() -> PipelineSensor:
    """The sensor with a day's patience; it holds no worker between pokes."""
    return PipelineSensor(task_id="await_pipeline", mode="reschedule", poke_interval=10, timeout=86400)


@task
def record_build() -> None:
    """Read back what the pipeline made, record it, and attach the provenance that the notary signs."""
    plan = current.plan()
    planned = plan.components[0]
    if build.existing_build(wiring.notary(), wiring.image_store(), planned) is not None:
        outcome.say(f"the build of {planned.name} {planned.commit[:8]} is recorded already")
        _publish_provenance(planned)
        return
    component = wiring.catalogue().component(planned.name)
    state = _state(get_current_context()["ti"].xcom_pull(task_ids="start_pipeline"))
    made = build.read_build(
        wiring.code_host(),
        wiring.image_store(),
        wiring.package_store(),
        component,
        wiring.code_host().pipeline(component.gitlab_project, state.id),
    )
    build.record_build(wiring.notary(), plan, made)
    _publish_provenance(planned)
    outcome.say(f"{made.component} {made.version} is {made.image.repository}@{made.image.digest}")


def _publish_provenance(planned: PlannedComponent) -> None:
    """Attach signed provenance and bill of materials to the image in the registry, once."""
    signed = wiring.notary().events(kinds=[EventKind.PROVENANCE_SIGNED], component=planned.name)
    mine = [event for event in signed if event.event.data["build"]["commit"] == planned.commit]
    if not mine:
        raise Mismatch(
            f"{planned.name} {planned.commit[:8]} is built but its provenance is not in the ledger"
        )
    built = Build.model_validate(mine[-1].event.data["build"])
    envelope = mine[-1].event.data["envelope"]
    build.attach_evidence(wiring.image_store(), wiring.package_store(), built, envelope)


def _state(document: dict[str, Any]) -> PipelineState:
    return PipelineState.model_validate(document)
