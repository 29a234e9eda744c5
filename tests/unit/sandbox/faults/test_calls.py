"""Faults of calls: each stand-in answers as the rule says, and says in its log that it was the rule."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from faulty import applied, fault
from sandbox.world import CLUSTERS, World
from sandbox_world import SandboxWorld
from waiting import until

OPEN = {
    "jira": "/rest/api/2/myself",
    "gitlab": "/api/v4/projects",
    "harbor": "/api/v2.0/systeminfo",
    "artifactory": "/artifactory/api/system/ping",
    "apollo": "/openapi/v1/apps",
    "apollo-config": "/DEV/configs/none/default/application",
    "dev": "/version",
}


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> World:
    return sandbox.needs("jira", "gitlab", "harbor", "artifactory", "apollo", "clusters").world


def ask(world: World, system: str, *, path: str = "", **kwargs: object) -> requests.Response:
    """One call that every caller may make, or is refused in the system's own way."""
    call = {"timeout": 5, "verify": False, **kwargs}
    with requests.Session() as session:
        session.trust_env = False
        answer: requests.Response = session.get(world.url(system) + (path or OPEN[system]), **call)  # type: ignore[arg-type]
        return answer


@pytest.fixture(autouse=True)
def quiet() -> None:
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


@pytest.mark.parametrize("system", OPEN)
def test_an_error_status_comes_in_the_system_s_shape_and_names_the_fault(world: World, system: str) -> None:
    before = ask(world, system).status_code
    with fault(world, system, "status", {"count": 1}, status=503, retry_after=7.0) as made:
        struck = ask(world, system)
        after = ask(world, system)
    assert (struck.status_code, struck.headers["Retry-After"]) == (503, "7")
    assert struck.headers["X-Sandbox-Fault"] == f"{made.id} status"
    assert f"injected fault {made.id}" in json.dumps(struck.json())
    assert after.status_code == before
    assert [line["path"] for line in applied(world, made)] == [OPEN[system]]


@pytest.mark.parametrize("system", ["jira", "harbor", "dev"])
def test_each_fault_of_an_answer_does_what_it_is_called(world: World, system: str) -> None:
    whole = ask(world, system).content
    with fault(world, system, "html"):
        page = ask(world, system)
    assert (page.status_code, page.text[:9]) == (200, "<!DOCTYPE")
    with fault(world, system, "truncate"):
        assert ask(world, system).content == whole[: len(whole) // 2]
    with fault(world, system, "drop_answer"), pytest.raises(requests.ConnectionError):
        ask(world, system)
    with fault(world, system, "reset", bytes=5), pytest.raises(requests.RequestException):
        ask(world, system)
    with fault(world, system, "latency", seconds=0.4):
        began = time.monotonic()
        assert ask(world, system).content == whole
        assert time.monotonic() - began >= 0.4
    with fault(world, system, "drip", bytes_per_second=400.0):
        began = time.monotonic()
        assert ask(world, system).content == whole
        assert time.monotonic() - began >= len(whole) / 400 * 0.8
    assert ask(world, system).content == whole


@pytest.mark.parametrize("system", ["jira", "harbor", "dev"])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("drop_answer", {}),
        ("reset", {"bytes": 5}),
        ("reset", {"bytes": 10**6}),
        ("drip", {"bytes_per_second": 4000}),
    ],
)
@pytest.mark.parametrize("path", ["", "/there/is/nothing"])
def test_a_struck_connection_ends_with_its_caller(
    world: World, system: str, kind: str, settings: dict[str, Any], path: str
) -> None:
    with fault(world, system, kind, **settings) as made:
        with contextlib.suppress(requests.RequestException):
            ask(world, system, path=path)
        assert applied(world, made)
        until(lambda: not half_closed(world.port(system)), seconds=10)


def half_closed(port: int) -> list[str]:
    """Connections whose caller has gone; a server that keeps one reads its end for ever."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    return [row[2] for row in rows if row[3] == "08" and int(row[1].partition(":")[2], 16) == port]


def test_retry_after_can_be_a_date(world: World) -> None:
    with fault(world, "harbor", "throttle", retry_after=90.0, retry_date=True):
        answer = ask(world, "harbor")
    assert answer.status_code == 429
    assert 80 < parsedate_to_datetime(answer.headers["Retry-After"]).timestamp() - time.time() < 100


def test_after_and_count_say_which_calls_are_struck(world: World) -> None:
    with fault(world, "harbor", "status", {"after": 1, "count": 2}):
        assert [ask(world, "harbor").status_code for _ in range(4)] == [200, 503, 503, 200]


def test_the_same_seed_strikes_the_same_calls(world: World) -> None:
    def struck() -> list[int]:
        with fault(world, "harbor", "status", {"probability": 0.5, "seed": 7}):
            return [ask(world, "harbor").status_code for _ in range(12)]

    first = struck()
    assert first == struck()
    assert {200, 503} == set(first)


def test_only_what_matches_is_struck(world: World) -> None:
    match = {"method": "GET", "path": "systeminfo", "headers": {"User-Agent": "^other"}}
    with fault(world, "harbor", "status", match):
        assert ask(world, "harbor").status_code == 200
        assert ask(world, "harbor", headers={"User-Agent": "other/1"}).status_code == 503
    with fault(world, "artifactory", "status"):
        assert ask(world, "harbor").status_code == 200


@pytest.mark.parametrize("system", ["jira", "gitlab", "dev"])
def test_a_system_that_is_gone_refuses_connections_and_comes_back(world: World, system: str) -> None:
    before = ask(world, system).status_code
    with fault(world, system, "gone"):
        until_refused(world, system)
    until_answered(world, system, before)


def test_a_system_is_gone_for_the_seconds_that_were_asked(world: World) -> None:
    with fault(world, "harbor", "gone", seconds=0.5):
        until_refused(world, "harbor")
        until_answered(world, "harbor", 200)


def test_the_call_that_matches_can_be_the_last_before_a_system_is_gone(world: World) -> None:
    with fault(world, "harbor", "gone", {"path": "systeminfo", "after": 1}):
        assert ask(world, "harbor").status_code == 200
        ask(world, "harbor")
        until_refused(world, "harbor")
    until_answered(world, "harbor", 200)


@pytest.mark.parametrize("system", ["jira", "dev"])
def test_a_blackhole_answers_neither_old_connections_nor_new_ones(world: World, system: str) -> None:
    before = ask(world, system).status_code
    port = world.port(system)
    made = socket.create_connection(("127.0.0.1", port))
    caller = HTTPConnection("127.0.0.1", port)
    with _tls(made) if system in CLUSTERS else made as old:
        caller.sock = old
        caller.request("GET", OPEN[system])
        assert caller.getresponse().read()  # so the server has accepted it
        with fault(world, system, "blackhole"):
            until_dead(port)
            old.settimeout(0.5)
            caller.request("GET", OPEN[system])
            with pytest.raises(TimeoutError):
                caller.getresponse()
    until_answered(world, system, before)


def test_the_faults_are_set_over_http_with_the_administrator_s_secret_alone(world: World) -> None:
    url, rule = world.url("harbor") + "/_faults", {"kind": "status", "path": "systeminfo"}
    bearer = {"Authorization": f"Bearer {world.secret('faults.control')}"}
    assert requests.post(url, json=rule, timeout=5).status_code == 401
    made = requests.post(url, json=rule, headers=bearer, timeout=5).json()
    assert made["system"] == "harbor"
    assert ask(world, "harbor").status_code == 503
    assert made["id"] in {each["id"] for each in requests.get(url, headers=bearer, timeout=5).json()}
    assert requests.delete(f"{url}/{made['id']}", headers=bearer, timeout=5).json() == {"cleared": 1}
    assert ask(world, "harbor").status_code == 200


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "flood"}, "kind"),
        ({"kind": "status", "system": "mainframe"}, "system"),
        ({"kind": "status", "path": "("}, "path"),
        ({"kind": "status", "settings": {"status": "busy"}}, "settings.status"),
        ({"kind": "latency", "settings": {"minutes": 3}}, "settings.minutes"),
        ({"kind": "status", "often": 3}, "often"),
    ],
)
def test_a_rule_that_cannot_be_one_is_refused_by_field(
    world: World, rule: dict[str, str], field: str
) -> None:
    bearer = {"Authorization": f"Bearer {world.secret('faults.control')}"}
    answer = requests.post(world.url("jira") + "/_faults", json=rule, headers=bearer, timeout=5)
    assert (answer.status_code, answer.json()["message"].split(":")[0]) == (422, field)


def until_refused(world: World, system: str) -> None:
    """Wait for the door to shut."""
    _until(lambda: _connects(world.port(system)) == "refused")


def until_dead(port: int) -> None:
    """Wait until connections are no longer made."""
    _until(lambda: _connects(port) == "silent")


def until_answered(world: World, system: str, status: int) -> None:
    """Wait for the door to open."""
    _until(lambda: _connects(world.port(system)) == "made")
    assert ask(world, system).status_code == status


def _connects(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return "made"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"


def _until(true: object) -> None:
    ends = time.monotonic() + 10
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.02)


def _tls(raw: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(raw)
