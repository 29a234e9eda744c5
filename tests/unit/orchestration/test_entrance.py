"""Airflow's real entrance: an unsound component ends with its sentences, a sound one finds no problem.

Airflow takes seconds to import, so the cases share one process; its configuration reads the environment anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from builders import the_catalogue
from hummingbird.ledger.engine import connect
from unit.orchestration.airflow.scene import airflow_environment, backend, connections

SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
ASK = """
import json, os, sys
from hummingbird.orchestration.entrance import airflow_start_problems
for case in json.load(sys.stdin):
    kept = {name: os.environ.get(name) for name in case["environment"]}
    os.environ.update(case["environment"])
    print("answer", json.dumps(airflow_start_problems(case["component"])))
    for name, value in kept.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
"""


@pytest.fixture
def environment(empty_database: str, tmp_path: Path) -> dict[str, str]:
    """Settings that may start, with a database that has the catalogue's accounts."""
    engine = connect(empty_database, pool_size=1)
    people = [person.airflow for person in the_catalogue().persons.values()]
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ab_user (username text, active boolean)"))
        for name in people:
            connection.execute(text("INSERT INTO ab_user VALUES (:name, true)"), {"name": name})
    engine.dispose()
    (tmp_path / "connections.json").write_text(json.dumps(connections()), "utf-8")
    (tmp_path / "leaky.json").write_text(
        json.dumps(connections() | {"jira_default": {"conn_type": "jira", "host": "http://jira.example.com"}})
    )
    (tmp_path / "few.json").write_text(json.dumps({"notary": connections()["notary"]}), "utf-8")
    return airflow_environment(tmp_path, empty_database, tmp_path / "connections.json")


def answers(environment: dict[str, str], cases: list[dict[str, Any]]) -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line[7:]) for line in done.stdout.splitlines() if line.startswith("answer ")]


def test_each_unsound_start_is_named_and_the_sound_one_is_allowed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    table = [
        ({}, "api-server", None),
        ({}, "scheduler", None),
        ({"AIRFLOW__API_AUTH__JWT_SECRET": ""}, "worker", None),
        ({"AIRFLOW__CORE__AUTH_MANAGER": SIMPLE}, "api-server", "Simple"),
        ({"AIRFLOW__CORE__FERNET_KEY": ""}, "scheduler", "fernet_key is not set"),
        ({"AIRFLOW__API_AUTH__JWT_SECRET": "airflow_jwt_secret"}, "scheduler", "jwt_secret has 18 bytes"),
        ({"AIRFLOW__API__SECRET_KEY": "changeme"}, "api-server", "secret_key has 8 bytes"),
        ({"AIRFLOW__API__EXPOSE_CONFIG": "True"}, "api-server", "expose_config"),
        ({"AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES": "*"}, "worker", "lets XComs build objects"),
        ({"AIRFLOW__FAB__AUTH_ROLE_PUBLIC": "Viewer"}, "api-server", "not signed in the role Viewer"),
        ({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/a.db"}, "scheduler", "is sqlite"),
        (
            {"AIRFLOW__SECRETS__BACKEND_KWARGS": backend(tmp_path / "leaky.json")},
            "triggerer",
            "connection jira_default speaks plain HTTP to jira.example.com",
        ),
        (
            {"AIRFLOW__SECRETS__BACKEND_KWARGS": backend(tmp_path / "few.json")},
            "dag-processor",
            "no secrets backend has the connections jira_default, gitlab_default",
        ),
        ({"HUMMINGBIRD_CATALOG": str(tmp_path)}, "scheduler", "the catalogue cannot be used"),
    ]
    cases = [{"environment": changes, "component": component} for changes, component, _ in table]
    for (changes, component, sentence), told in zip(table, answers(environment, cases), strict=True):
        if sentence is None:
            assert told == [], (component, changes)
        else:
            assert len(told) == 1, told
            assert sentence in told[0]


def test_a_person_without_account_is_named(environment: dict[str, str], empty_database: str) -> None:
    engine = connect(empty_database, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ab_user SET active = false WHERE username = 'compliance'"))
    engine.dispose()
    ((told,),) = answers(environment, [{"environment": {}, "component": "api-server"}])
    assert "compliance of the catalogue has no account compliance in Airflow" in told


@pytest.mark.parametrize(
    "component",
    [
        "scheduler",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("api-server", "dag-processor", "triggerer")),
    ],
)
def test_a_component_that_may_not_start_ends_with_the_sentence(
    environment: dict[str, str], component: str
) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("airflow")), component],
        env={**environment, "AIRFLOW__CORE__AUTH_MANAGER": SIMPLE},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    told = done.stderr.strip().splitlines()[-2:]
    assert "the auth manager is Airflow's Simple one" in told[0]
    assert told[1] == f"hummingbird: {component} is not started"
    assert "Traceback" not in done.stderr
