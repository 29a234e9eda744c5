"""A cluster that does not answer is waited for as long as its patience says, and no longer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration, CoreV1Api
from urllib3.exceptions import HTTPError, NewConnectionError

from builders import the_catalogue
from hummingbird.core.errors import Unreachable
from hummingbird.orchestration import reaching
from hummingbird.orchestration.reaching import Patience, patient, reach

CLUSTER = the_catalogue().clusters["prod-huawei"].model_copy(update={"patience_seconds": 2})


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def api(port: int) -> CoreV1Api:
    configuration = Configuration(host=f"http://127.0.0.1:{port}")
    return patient(CoreV1Api(ApiClient(configuration)), CLUSTER)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    listening = socket.create_server(("127.0.0.1", 0))
    yield int(listening.getsockname()[1])
    listening.close()


@pytest.fixture
def refusing() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def answering() -> Iterator[int]:
    """An API server that denies everything: it answers, and that is enough."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listening.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield int(listening.getsockname()[1])
    thread.join(5)
    listening.close()


def test_a_closed_port_is_given_up_after_the_patience(refusing: int) -> None:
    begun = time.monotonic()
    told = r"^prod-huawei \(华为云生产集群\) did not answer for 2 s: .{0,60}Connection refused$"
    with pytest.raises(Unreachable, match=told):
        reach(CLUSTER, api(refusing))
    assert time.monotonic() - begun < 6


def test_a_black_hole_is_given_up_as_well(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "SILENCE_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer"):
        reach(CLUSTER, api(silent))
    assert time.monotonic() - begun < 6


def test_an_api_that_denies_is_reachable(answering: int) -> None:
    reach(CLUSTER, api(answering))


def test_when_patience_is_at_its_end_no_call_waits_any_more() -> None:
    clock, calls = Clock(), []

    def gone(*_: Any, **__: Any) -> None:
        calls.append(clock.now)
        clock.now += 1.5
        raise NewConnectionError(None, "refused")  # type: ignore[arg-type]

    patience = Patience(CLUSTER, gone, clock)
    with pytest.raises(HTTPError):
        patience.request("GET", "/x")
    for _ in range(3):
        with pytest.raises(Unreachable, match="refused"):
            patience.request("GET", "/x")
    assert calls == [0.0, 1.5]


def test_an_answer_gives_the_patience_back() -> None:
    clock = Clock()
    ends: list[Any] = [NewConnectionError(None, "refused"), "pods", NewConnectionError(None, "refused")]  # type: ignore[arg-type]

    def sometimes(*_: Any, **__: Any) -> Any:
        clock.now += 1.5
        end = ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    patience = Patience(CLUSTER, sometimes, clock)
    with pytest.raises(HTTPError):
        patience.request("GET", "/x")
    assert patience.request("GET", "/x") == "pods"
    with pytest.raises(HTTPError):
        patience.request("GET", "/x")


def test_every_call_has_bounds_and_a_caller_s_longer_ones_do_not_count() -> None:
    given: list[Any] = []
    patience = Patience(CLUSTER, lambda *_, **more: given.append(more["_request_timeout"]))
    patience.request("GET", "/x")
    patience.request("GET", "/x", _request_timeout=(1800, 300))
    patience.request("GET", "/x", _request_timeout=2)
    assert given == [(5.0, 30.0), (5.0, 30.0), (2, 2)]
