"""What the catalogue gives to each role in Airflow, as rights of FAB."""

from __future__ import annotations

from pathlib import Path

from builders import the_catalogue
from hummingbird.core.airflow_role import AirflowRole
from hummingbird.orchestration.fab_rights import PAGES, rights_of
from hummingbird.orchestration.role_changes import Found, account_changes, role_changes

DAGS = {path.stem for path in (Path(__file__).parents[3] / "dags").glob("*.py")}


def test_every_word_becomes_a_right_on_the_path_s_own_resource() -> None:
    role = AirflowRole(
        name="Any",
        starts=["scan"],
        answers=["approval"],
        annotates=["build"],
        pauses=["publish_head"],
        audit_log=True,
    )
    assert rights_of(role) - PAGES == {
        ("can_create", "DAG Run:scan"),
        ("can_edit", "HITL Detail:approval"),
        ("can_edit", "DAG Run:build"),
        ("can_edit", "DAG:publish_head"),
        ("can_read", "Audit Logs"),
        ("menu_access", "Audit Logs"),
    }


def test_a_role_of_which_nothing_is_said_reads_and_no_more() -> None:
    changing = {"can_edit", "can_create", "can_delete"}
    assert rights_of(AirflowRole(name="Any")) == PAGES
    assert not changing & {action for action, _ in PAGES}


def test_no_role_has_a_right_that_is_not_a_single_path_s() -> None:
    for role in the_catalogue().airflow_roles.values():
        acting = {right for right in rights_of(role) if right[0] not in ("can_read", "menu_access")}
        assert all(":" in resource for _, resource in acting), role.name


def test_every_path_of_a_role_exists_and_every_path_is_somebody_s_to_start() -> None:
    roles = the_catalogue().airflow_roles.values()
    assert {path for role in roles for path in role.paths} <= DAGS
    assert {path for role in roles for path in role.starts} == DAGS


def test_whoever_answers_starts_nothing_but_taking_back_and_pauses_nothing() -> None:
    catalogue = the_catalogue()
    for name, role in catalogue.airflow_roles.items():
        if role.answers and name != catalogue.platform_role:
            assert [*role.starts, *role.pauses, *role.annotates] in ([], ["withdraw"]), name


def test_what_is_in_line_is_left_alone() -> None:
    found = Found(roles={"Any": PAGES, "Public": frozenset()}, accounts={})
    assert role_changes({"Any": PAGES}, found) == []
    assert account_changes({}, found) == []
