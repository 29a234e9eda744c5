"""Every route of Airflow's API server, ours below it included, as every role: routes.yaml lists who may."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import yaml
from sqlalchemy import make_url

from ports import free_port_base
from postgres import LedgerDatabase
from unit.orchestration.airflow.asking import CALLERS, NOBODY, Callers, signed_in
from unit.orchestration.airflow.scene import (
    INCLUDE,
    PASSWORD,
    ApiServer,
    airflow_environment,
    api_server,
    connections,
    played,
)

TABLE = Path(__file__).parent / "airflow" / "routes.yaml"
PATHS = ("prod_deploy", "test_deploy", "approval", "nightly_regression")
STARTS_BY_BODY = ("POST /api/v2/backfills", "POST /api/v2/backfills/dry_run")
METHODS = ("GET", "PATCH", "PUT", "POST", "DELETE")
"""The order of asking: what is deleted is not there any more."""
PAGES = ("/", "/required_actions", "/auth/login/", "/api/v2/version", "/delivery/stories")
UNASKED = frozenset({"unasked"})
GROUPS = {
    "everyone": frozenset(CALLERS),
    "broken": frozenset(CALLERS),
    "signed in": frozenset(CALLERS) - {NOBODY},
    "nobody at all": frozenset[str](),
}


@pytest.fixture(scope="module")
def server(
    module_database: str, module_ledger: LedgerDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    folder: Path = tmp_path_factory.mktemp("airflow")
    ledger = make_url(module_ledger.reader)
    reader = {
        "conn_type": "postgres",
        "host": ledger.query["host"],
        "login": ledger.username,
        "schema": ledger.database,
    }
    file = folder / "connections.json"
    file.write_text(json.dumps(connections() | {"ledger_reader": reader}), "utf-8")
    environment = airflow_environment(folder, module_database, file)
    environment["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(INCLUDE.parent / "plugins")
    environment["AIRFLOW__CORE__DAGS_FOLDER"] = str(INCLUDE.parent / "dags")
    played(environment, "play_roles.py", PASSWORD)
    with api_server(environment, free_port_base(range(1)), folder) as found:
        yield found


@pytest.fixture(scope="module")
def callers(server: ApiServer) -> Iterator[Callers]:
    clients = Callers(server)
    yield clients
    clients.close()


def listed() -> dict[tuple[str, str], frozenset[str]]:
    """Route and path → who may, by routes.yaml."""
    cells: dict[tuple[str, str], frozenset[str]] = {}
    for who, lines in yaml.safe_load(TABLE.read_text("utf-8")).items():
        for line in lines:
            route, _, only = line.partition(" [")
            for path in only.rstrip("]").split() or paths_of(route):
                assert (route, path) not in cells, f"{route} is listed twice for {path}"
                cells[route, path] = GROUPS[who] if who in GROUPS else frozenset(who.split(", "))
    return cells


def paths_of(route: str) -> tuple[str, ...]:
    """The paths that a route is asked for: reading is the same for all of them."""
    changes_a_path = not route.startswith("GET ") and ("{dag_id}" in route or route in STARTS_BY_BODY)
    return PATHS if changes_a_path else PATHS[:1]


@pytest.mark.long
def test_every_route_is_listed_and_every_listed_route_exists(server: ApiServer) -> None:
    assert {route for route, _ in listed()} == {f"{method} {path}" for method, path in server.routes}


@pytest.mark.long
def test_every_route_lets_exactly_the_listed_roles_through(server: ApiServer, callers: Callers) -> None:
    table = {cell: may for cell, may in listed().items() if may != UNASKED}
    in_order = sorted(table, key=lambda cell: (METHODS.index(cell[0].split()[0]), cell))
    asked = [(caller, route, path) for route, path in in_order for caller in CALLERS]
    with ThreadPoolExecutor(4) as executor:
        answers = list(executor.map(lambda cell: callers.allowed(*cell), asked))
    wrong = [
        f"{caller}: {route} [{path}] answered {said}"
        for (caller, route, path), (through, said) in zip(asked, answers, strict=True)
        if through != (caller in table[route, path])
    ]
    assert wrong == []


def test_no_role_but_the_administrator_s_marks_clears_or_edits_a_task() -> None:
    tasks = re.compile(r"(PATCH|PUT|POST|DELETE) .*(askInstances|taskGroup|xcomEntries|state-store)")
    changing = [
        may
        for (route, _), may in listed().items()
        if tasks.match(route) and "/execution/" not in route and not route.endswith(("/list", "/hitlDetails"))
    ]
    assert len(changing) > 50
    assert set(changing) == {frozenset({"Admin"})}


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_airflow_is_framed_by_another_host(server: ApiServer, page: str) -> None:
    headers = requests.get(server.url + page, timeout=60).headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


@pytest.mark.long
def test_another_site_s_page_sends_airflow_nothing_in_a_person_s_name(server: ApiServer) -> None:
    answering = f"{server.url}/api/v2/dags/approval/dagRuns/r/taskInstances/t/0/hitlDetails"
    session, _ = signed_in(server, "compliance")
    with session:
        (token,) = [cookie for cookie in session.cookies if cookie.name == "_token"]
        assert str(token.get_nonstandard_attr("SameSite")).lower() == "lax"
        elsewhere = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PATCH"}
        for method in ("GET", "OPTIONS", "POST"):
            answer = session.request(method, answering, headers=elsewhere, timeout=60)
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.status_code in (404, 405), "a form of HTML sends no PATCH"
        form = session.post(f"{server.url}/auth/userinfoeditview/form", data={"first_name": "x"}, timeout=60)
        assert (form.status_code, "CSRF" in form.text) == (400, True)
