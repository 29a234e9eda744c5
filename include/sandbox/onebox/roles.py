"""Who may do what in Airflow: roles of least right, and the accounts that have them.

Rights are pairs of FAB action and resource. Starting, answering and marking are three different rights there;
each also asks for `can_edit` on the DAG concerned, given here for single DAGs (resource `DAG:<dag_id>`).
Nobody but the administrator may mark a task, clear one, or touch a DAG that is not theirs.
"""

from __future__ import annotations

READ, EDIT, CREATE, MENU = "can_read", "can_edit", "can_create", "menu_access"

PATHS = ("scan", "build", "dev_deploy", "test_deploy", "approval", "promote", "prod_deploy", "rollback")
"""DAGs that travel a story."""

WITHDRAW = "withdraw"
"""DAG by which a person takes a signature or a question back."""

SCHEDULED = ("nightly_regression", "metric_rollup")
"""DAGs that start by themselves, and by hand."""

Right = tuple[str, str]


def _edit(*dags: str) -> list[Right]:
    return [(EDIT, f"DAG:{dag}") for dag in dags]


READER: list[Right] = [(READ, "Plugins"), (MENU, "Required Actions"), (MENU, "HITL Detail")]
"""What everybody has above FAB's Viewer: the cockpit's pages, and the list of open prompts."""
START: list[Right] = [(CREATE, "DAG Runs")]
ANSWER: list[Right] = [(EDIT, "HITL Detail")]

TAKE_BACK: list[Right] = [(CREATE, f"DAG Run:{WITHDRAW}"), (EDIT, f"DAG:{WITHDRAW}")]
"""To start that one DAG, without the right to start others."""

RIGHTS: dict[str, list[Right]] = {
    "ReleaseManager": [
        *READER,
        *START,
        *_edit(*(path for path in PATHS if path != "approval"), *SCHEDULED),
        *TAKE_BACK,
    ],
    "Developer": [*READER, *START, *_edit("test_deploy"), *TAKE_BACK],
    "Approver": [*READER, *ANSWER, *_edit("approval"), *TAKE_BACK],
    "Operations": [*READER, *START, *_edit(*SCHEDULED, "publish_head")],
    "Auditor": [*READER, (READ, "Audit Logs"), (MENU, "Audit Logs")],
    # Starts the paths that webhooks start, answers the parked runs, writes the notes of runs: a note asks for
    # the right to edit a run of that DAG. Tasks it may neither mark nor clear.
    "Platform": [
        *READER,
        *START,
        *ANSWER,
        *_edit(*PATHS, *SCHEDULED, WITHDRAW),
        *((EDIT, f"DAG Run:{path}") for path in (*PATHS, *SCHEDULED, WITHDRAW)),
    ],
}
"""Role → rights above FAB's Viewer. `Admin` is FAB's own."""

ACCOUNTS: dict[str, str] = {
    "administrator": "Admin",
    "release_manager": "ReleaseManager",
    "developer": "Developer",
    "developer2": "Developer",
    "test_lead": "Approver",
    "release_approver": "Approver",
    "operations_approver": "Approver",
    "compliance": "Approver",
    "operations": "Operations",
    "auditor": "Auditor",
    "platform": "Platform",
}
"""Account → role."""
