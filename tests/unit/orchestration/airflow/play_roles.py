"""Run in Airflow's environment: `hummingbird roles` on a fresh and on a bent Airflow, and who may what.

One process, because importing Airflow costs more than all of this; each command's code and lines are told.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.models.backfill import Backfill
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import initdb
from airflow.utils.session import create_session

from hummingbird.__main__ import main
from hummingbird.orchestration.auth import DeliveryAuthManager

PASSWORD = sys.argv[1]


def run(verb: str) -> dict[str, Any]:
    """The command's answer."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(["roles", verb])
    return {"code": code, "lines": said.getvalue().splitlines()}


def bend(manager: Any) -> None:
    """What somebody does by hand in FAB's pages."""
    for role, action, resource in (
        ("Approver", "can_edit", "Task Instances"),
        ("Approver", "can_edit", "DAG:approval"),
        ("Public", "can_read", "DAGs"),
    ):
        manager.add_permission_to_role(manager.find_role(role), manager.create_permission(action, resource))
    started = manager.get_permission("can_create", "DAG Run:prod_deploy")
    manager.remove_permission_from_role(manager.find_role("ReleaseManager"), started)
    developer = manager.find_user("developer")
    developer.roles = [*developer.roles, manager.find_role("Admin")]
    manager.update_user(developer)
    auditor = manager.find_user("auditor")
    auditor.active = False
    manager.update_user(auditor)
    manager.add_user("mallory", "M", "M", "m@example.com", manager.find_role("Op"), "x" * 20)


def decide(manager: Any) -> None:
    """What a person decides about what the command leaves alone."""
    auditor = manager.find_user("auditor")
    auditor.active = True
    manager.update_user(auditor)
    manager.session.delete(manager.find_user("mallory"))
    manager.session.commit()


def seed() -> None:
    """What some routes look at before they ask who comes: a DAG with its file, and a backfill of it."""
    with create_session() as session:
        session.add(DagBundleModel(name="dags-folder"))
        session.flush()
        path = "prod_deploy.py"
        session.add(
            DagModel(dag_id="prod_deploy", bundle_name="dags-folder", relative_fileloc=path, fileloc=path)
        )
        day = datetime(2026, 9, 1, tzinfo=UTC)
        session.add(Backfill(dag_id="prod_deploy", from_date=day, to_date=day, dag_run_conf={}))


DEEDS: dict[str, tuple[str, DagAccessEntity | None, str]] = {
    "read a run": ("GET", DagAccessEntity.RUN, "prod_deploy"),
    "read the audit log": ("GET", DagAccessEntity.AUDIT_LOG, "prod_deploy"),
    "start prod_deploy": ("POST", DagAccessEntity.RUN, "prod_deploy"),
    "start test_deploy": ("POST", DagAccessEntity.RUN, "test_deploy"),
    "start approval": ("POST", DagAccessEntity.RUN, "approval"),
    "start withdraw": ("POST", DagAccessEntity.RUN, "withdraw"),
    "pause withdraw": ("PUT", None, "withdraw"),
    "start nightly_regression": ("POST", DagAccessEntity.RUN, "nightly_regression"),
    "answer approval": ("PUT", DagAccessEntity.HITL_DETAIL, "approval"),
    "answer prod_deploy": ("PUT", DagAccessEntity.HITL_DETAIL, "prod_deploy"),
    "pause approval": ("PUT", None, "approval"),
    "pause prod_deploy": ("PUT", None, "prod_deploy"),
    "pause nightly_regression": ("PUT", None, "nightly_regression"),
    "delete prod_deploy": ("DELETE", None, "prod_deploy"),
    "mark or clear a task": ("PUT", DagAccessEntity.TASK_INSTANCE, "approval"),
    "mark or clear a run": ("PUT", DagAccessEntity.RUN, "prod_deploy"),
    "write an XCom": ("POST", DagAccessEntity.XCOM, "prod_deploy"),
}


def allowed(users: list[Any]) -> dict[str, list[str]]:
    """Deed → the accounts that our auth manager lets do it."""
    manager = DeliveryAuthManager()
    return {
        deed: sorted(
            user.username
            for user in users
            if manager.is_authorized_dag(
                method=method, user=user, access_entity=entity, details=DagDetails(id=path)
            )
        )
        for deed, (method, entity, path) in DEEDS.items()
    }


def play() -> dict[str, dict[str, Any]]:
    """Every act's answer."""
    initdb()
    seed()
    told = {"empty": run("check"), "first": run("apply"), "second": run("apply"), "sound": run("check")}
    with get_application_builder() as builder:
        bend(builder.sm)
    told |= {"bent": run("check"), "mending": run("apply")}
    with get_application_builder() as builder:
        decide(builder.sm)
        told["mended"] = run("check")
        told["allowed"] = allowed(builder.sm.get_all_users())
        for user in builder.sm.get_all_users():
            builder.sm.reset_password(user.id, PASSWORD)
    return told


sys.stdout.write("answer " + json.dumps(play()) + "\n")
