"""`hummingbird roles` on a real Airflow database: made once, drift shown and mended, and who may what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import the_catalogue
from hummingbird.core.airflow_accounts import airflow_accounts
from unit.orchestration.airflow.scene import PASSWORD, airflow_environment, played

pytestmark = pytest.mark.long

SOUND = "DONE: Airflow has the catalogue's roles and accounts"
Played = dict[str, Any]


@pytest.fixture(scope="module")
def acts(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder: Path = tmp_path_factory.mktemp("airflow")
    environment = airflow_environment(folder, module_database, folder / "none.json")
    answer: Played = played(environment, "play_roles.py", PASSWORD)
    return answer


def test_a_fresh_airflow_gets_every_role_and_account_of_the_catalogue(acts: Played) -> None:
    catalogue = the_catalogue()
    lines = [line for line in acts["empty"]["lines"] if line.startswith("REFUSED: ")]
    assert acts["empty"]["code"] == 1
    assert len(lines) == len(catalogue.airflow_roles) + len(airflow_accounts(catalogue))
    assert acts["first"]["code"] == 0
    assert acts["first"]["lines"] == [line.replace("REFUSED:", "mended:") for line in lines] + [SOUND]


def test_a_second_time_nothing_changes(acts: Played) -> None:
    assert acts["second"] == acts["sound"] == {"code": 0, "lines": [SOUND]}


GREW = "has can_edit on DAG:approval, can_edit on Task Instances that the catalogue does not give"
BENT = [
    "role ReleaseManager lacks can_create on DAG Run:prod_deploy",
    f"role Approver {GREW}",
    "role Public has can_read on DAGs that the catalogue does not give",
    "account developer has Admin, Developer, not Developer",
]
UNDECIDED = [
    "REFUSED: account auditor is inactive: open it again, or take the person out of roles.yaml",
    "REFUSED: account mallory (Op) belongs to no person of the catalogue: add it to roles.yaml, or "
    "`airflow users delete --username mallory`",
]


def test_a_right_that_grew_or_fell_by_hand_is_shown_and_mended(acts: Played) -> None:
    assert acts["bent"] == {"code": 1, "lines": [*(f"REFUSED: {line}" for line in BENT), *UNDECIDED]}
    assert acts["mending"]["lines"][: len(BENT)] == [f"mended: {line}" for line in BENT]


def test_an_account_of_nobody_and_one_that_was_shut_are_left_to_a_person_and_named(acts: Played) -> None:
    assert acts["mending"]["code"] == 1
    assert acts["mending"]["lines"][len(BENT) :] == UNDECIDED
    assert acts["mended"] == {"code": 0, "lines": [SOUND]}


APPROVERS = ["compliance", "operations_approver", "release_approver", "test_lead"]
DEVELOPERS = ["developer", "developer2"]
ALLOWED = {
    "read the audit log": ["administrator", "auditor"],
    "start prod_deploy": ["administrator", "platform", "release_manager"],
    "start test_deploy": ["administrator", *DEVELOPERS, "platform", "release_manager"],
    "start approval": ["administrator", "platform"],
    "start withdraw": sorted(["administrator", *APPROVERS, *DEVELOPERS, "operations", "release_manager"]),
    "pause withdraw": ["administrator"],
    "start nightly_regression": ["administrator", "operations", "platform", "release_manager"],
    "answer approval": sorted(["administrator", *APPROVERS, "platform"]),
    "answer prod_deploy": ["administrator", "platform"],
    "pause approval": ["administrator"],
    "pause prod_deploy": ["administrator"],
    "pause nightly_regression": ["administrator", "operations"],
    "delete prod_deploy": ["administrator"],
    "mark or clear a task": ["administrator"],
    # A note of a run and a run's state are one right of Airflow's: the platform writes notes.
    "mark or clear a run": ["administrator", "platform"],
    "write an XCom": ["administrator"],
}


@pytest.mark.parametrize("deed", ALLOWED)
def test_exactly_these_accounts_may(acts: Played, deed: str) -> None:
    assert acts["allowed"][deed] == ALLOWED[deed]


def test_whoever_has_a_role_reads(acts: Played) -> None:
    assert acts["allowed"]["read a run"] == sorted(airflow_accounts(the_catalogue()))
    assert set(acts["allowed"]) == {*ALLOWED, "read a run"}
