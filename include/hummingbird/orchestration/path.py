"""What every delivery path has in common: its name, its words for people, its retries, its outcome lines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG, Param

from hummingbird.core.emergency import LONGEST_REASON
from hummingbird.core.story import STORY_PATTERN
from hummingbird.orchestration import outcome
from hummingbird.orchestration.retry import DELAY_SECONDS, RETRIES, DeliveryRetryPolicy
from hummingbird.orchestration.timetables import timetable_of

MOST_RUNS = 4096
"""Runs of a path at once. One that waits for people or a window counts: a limit that they could reach would
stop the next release because others wait. What works at once is bounded by pools and executor."""
STORY = {
    "story": Param(
        None,
        type=["null", "string"],
        title="Story",
        description="Key of the Jira story, such as HB-101",
        pattern=STORY_PATTERN,
    )
}
ENVIRONMENT = {
    "environment": Param(
        "prod",
        type="string",
        title="Environment",
        description="Which environment: dev, test or prod",
        pattern="^[a-z][a-z0-9-]{0,30}$",
    )
}
WHERE = {
    "environment": Param(
        None,
        type=["null", "string"],
        title="Environment",
        description="Which environment; empty: every one that it is asked about",
        pattern="^[a-z][a-z0-9-]{0,30}$",
    )
}
REASON = {
    "reason": Param(
        None,
        type=["null", "string"],
        title="Reason",
        description="Why; whoever asked, signed or was waited for hears it",
        maxLength=500,
    )
}
COMPONENT = {
    "component": Param(
        None,
        type=["null", "string"],
        title="Component",
        description="Catalogue name of the component; empty: the story's own",
    ),
    "branch": Param(
        None, type=["null", "string"], title="Branch", description="Empty: the story's newest branch"
    ),
    "commit": Param(
        None,
        type=["null", "string"],
        title="Commit",
        description="Full commit id; empty: the head of the branch",
    ),
    "base": Param(
        None, type=["null", "string"], title="Base", description="Incremental: the commit to compare with"
    ),
    "merge_request": Param(
        None,
        type=["null", "integer"],
        title="Merge request",
        description="Number of the merge request to answer on",
    ),
}
MODE = {
    "mode": Param(
        "full",
        type="string",
        enum=["full", "incremental"],
        title="Mode",
        description="full: all files; incremental: files changed since base",
    )
}
ROLLUP = {
    "mode": Param(
        "incremental",
        type="string",
        enum=["incremental", "full"],
        title="Mode",
        description="incremental: rows since the last publication; full: the whole ledger anew",
    )
}
BUNDLE = {
    "bundle": Param(
        None,
        type=["null", "string"],
        title="Bundle",
        description="SHA-256 of the sealed bundle",
        pattern="^[0-9a-f]{64}$",
    )
}
REQUEST = {
    "request": Param(
        None, type=["null", "string"], title="Request", description="Id of the approval request"
    ),
    "attempt": Param(
        1, type="integer", title="Attempt", description="How often people were asked", minimum=1
    ),
}
EMERGENCY = {
    "incident": Param(
        None,
        type=["null", "string"],
        title="Incident",
        description="Key of the open incident in Jira, such as OPS-9",
        pattern=STORY_PATTERN,
    ),
    "reason": Param(
        None,
        type=["null", "string"],
        title="Reason",
        description="Why this cannot wait; the second person and the reviewer read it",
        maxLength=LONGEST_REASON,
    ),
}
REVIEW = {
    "emergency": Param(
        None,
        type=["null", "string"],
        title="Emergency",
        description="Id of the broken glass, as the alarm and the Stories page name it",
        pattern="^[0-9a-f]{32}$",
    ),
    "attempt": REQUEST["attempt"],
}
PARENT = {
    "parent": Param(
        None,
        type=["null", "object"],
        title="Parent run",
        description="Set by the platform: dag_id, run_id and task_id of the run that waits",
    )
}


def delivery_path(
    file: str, doc: str, *params: dict[str, Param], tags: tuple[str, ...] = (), scheduled: bool = False
) -> DAG:
    """The DAG of one path: id = file name, documentation = the file's own, retries and outcome lines set.

    A `scheduled` one starts by its entry in the catalogue's schedules.yaml, one run at a time; without
    an entry by hand alone.
    """
    name = Path(file).stem
    merged = {key: value for group in (*params, PARENT) for key, value in group.items()}
    return DAG(
        dag_id=name,
        dag_display_name=name,
        description=doc.strip().splitlines()[0].removeprefix("Airflow DAG: "),
        doc_md=doc,
        schedule=timetable_of(name) if scheduled else None,
        catchup=False,
        params=merged,
        tags={"delivery", *tags},
        max_active_runs=1 if scheduled else MOST_RUNS,
        max_consecutive_failed_dag_runs=0,
        is_paused_upon_creation=False,
        render_template_as_native_obj=False,
        default_args={
            "owner": "platform",
            "retries": RETRIES,
            "retry_delay": timedelta(seconds=DELAY_SECONDS),
            "retry_policy": DeliveryRetryPolicy(),
            "on_success_callback": outcome.on_success,
            "on_failure_callback": outcome.on_failure,
            "on_retry_callback": outcome.on_retry,
            "on_skipped_callback": outcome.on_skipped,
        },
    )
