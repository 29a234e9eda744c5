"""The Airflow client: a token that renews itself, runs that start once, prompts by their place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hummingbird.clients.airflow import AirflowApi
from hummingbird.clients.retrying import Retrying
from hummingbird.core.errors import Conflict, Denied, Garbled, NotFound, Unreachable
from unit.clients.misbehaving import Server, drops, says

TOKEN = says(201, {"access_token": "t1"})
FRESH = says(201, {"access_token": "t2"})


@pytest.fixture
def airflow(server: Server, retrying: Retrying) -> Iterator[AirflowApi]:
    client = AirflowApi(server.url, "platform", "pw", retrying=retrying)
    yield client
    client.close()


def test_the_token_is_fetched_once(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {"dag_run_id": "r"}))
    airflow.dag_run("scan", "r")
    airflow.dag_run("scan", "r")
    assert [r.path for r in server.received].count("/auth/token") == 1
    assert server.received[0].json == {"username": "platform", "password": "pw"}
    assert server.received[1].headers["Authorization"] == "Bearer t1"


def test_an_expired_token_is_renewed_and_the_call_made_again(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(401), FRESH, says(200, {"dag_run_id": "r"}))
    airflow.dag_run("scan", "r")
    assert server.received[-1].headers["Authorization"] == "Bearer t2"


def test_a_real_no_stays_one(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(403), FRESH, says(403, {"detail": "Forbidden"}))
    with pytest.raises(Denied, match="Forbidden"):
        airflow.dag_run("scan", "r")
    assert len(server.received) == 4


def test_a_wrong_password_is_denied_without_showing_it(server: Server, retrying: Retrying) -> None:
    client = AirflowApi(server.url, "platform", "s3cret", retrying=retrying)
    server.does(*[says(401, {"detail": "Invalid credentials"})] * 10)
    with pytest.raises(Denied) as raised:
        client.dag_run("scan", "r")
    client.close()
    assert "s3cret" not in str(raised.value)
    assert len(server.received) == 10


def test_an_account_refused_while_the_database_is_away_is_not_believed_refused(
    airflow: AirflowApi, server: Server
) -> None:
    server.does(says(401, {"detail": "Invalid credentials"}), TOKEN, says(200, {"dag_run_id": "r"}))
    assert airflow.dag_run("scan", "r") == {"dag_run_id": "r"}


def test_an_answer_without_a_token_is_garbled(airflow: AirflowApi, server: Server) -> None:
    server.does(says(200, {}))
    with pytest.raises(Garbled, match="access_token"):
        airflow.dag_run("scan", "r")


def test_a_run_is_started_with_conf_and_note(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {}))
    assert airflow.trigger("scan", "HB-101.abc__scan", {"story": "HB-101"}, "HB-101")
    assert server.received[1].path == "/api/v2/dags/scan/dagRuns"
    assert server.received[1].json == {
        "dag_run_id": "HB-101.abc__scan",
        "logical_date": None,
        "conf": {"story": "HB-101"},
        "note": "HB-101",
    }


def test_a_run_that_exists_is_not_started_again(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(409, {"detail": "exists"}))
    assert not airflow.trigger("scan", "r", {})


def test_a_start_whose_answer_was_lost_finds_its_run(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, drops, says(409))
    assert not airflow.trigger("scan", "r", {})


def test_a_prompt_is_read_by_its_place(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {"subject": "s"}))
    airflow.hitl_detail("approval", "HB-101.1__approval", "sign", 1)
    airflow.hitl_detail("prod_deploy", "HB-101.1", "wait")
    assert [r.path for r in server.received[1:]] == [
        "/api/v2/dags/approval/dagRuns/HB-101.1__approval/taskInstances/sign/1/hitlDetails",
        "/api/v2/dags/prod_deploy/dagRuns/HB-101.1/taskInstances/wait/-1/hitlDetails",
    ]


def test_a_prompt_is_answered_once(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {"responded_at": "now"}), says(409))
    airflow.answer_hitl("approval", "r", "sign", 0, ["Approve"], {"reason": "ok"})
    sent = server.received[1]
    assert sent.method == "PATCH"
    assert sent.json == {"chosen_options": ["Approve"], "params_input": {"reason": "ok"}}
    with pytest.raises(Conflict):
        airflow.answer_hitl("approval", "r", "sign", 0, ["Approve"])


def test_an_answer_to_a_prompt_that_was_lost_is_not_given_twice(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, drops)
    with pytest.raises(Unreachable):
        airflow.answer_hitl("approval", "r", "sign", 0, ["Approve"])
    assert len(server.received) == 2


def test_a_task_that_asked_nobody_is_not_found(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(404))
    with pytest.raises(NotFound, match=r"prompt of task approval/r/sign\[2\]"):
        airflow.hitl_detail("approval", "r", "sign", 2)


def test_run_ids_with_odd_letters_are_quoted(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {}))
    airflow.dag_run("scan", "manual__2026-01-01T00:00:00+00:00/x")
    assert (
        server.received[1].path == "/api/v2/dags/scan/dagRuns/manual__2026-01-01T00%3A00%3A00%2B00%3A00%2Fx"
    )


def test_all_pages_are_read(airflow: AirflowApi, server: Server) -> None:
    server.does(
        TOKEN,
        says(200, {"dag_runs": [{"dag_run_id": "a"}], "total_entries": 2}),
        says(200, {"dag_runs": [{"dag_run_id": "b"}], "total_entries": 2}),
    )
    assert [run["dag_run_id"] for run in airflow.dag_runs("~", "HB-101.%")] == ["a", "b"]
    assert "run_id_pattern=HB-101.%25" in server.received[1].path
    assert "offset=1" in server.received[2].path


def test_a_note_is_set_alone(airflow: AirflowApi, server: Server) -> None:
    server.does(TOKEN, says(200, {}))
    airflow.set_note("scan", "r", "DONE: " + "x" * 2000)
    sent = server.received[1]
    assert sent.path.endswith("/dagRuns/r?update_mask=note")
    assert len(sent.json["note"]) == 1000
