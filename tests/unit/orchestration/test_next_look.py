"""After a task told its new state its run is looked at next; nothing else is touched by that."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient

from hummingbird.orchestration.next_look import NextLook

TASK = "01a20521-dc73-7762-9a38-a737007e59bd"
STATE = f"/execution/task-instances/{TASK}/state"


def an_api(status: int) -> FastAPI:
    """Answers everything with one status."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "PATCH", "POST"])
    def answer(path: str) -> Response:
        return Response(status_code=status)

    return app


async def ask(looked: Any, method: str, path: str, status: int = 204) -> int:
    transport = ASGITransport(app=NextLook(an_api(status), looked))
    async with AsyncClient(transport=transport, base_url="http://airflow") as client:
        return (await client.request(method, path)).status_code


@pytest.mark.anyio
@pytest.mark.parametrize("path", [STATE, f"/base{STATE}"])
async def test_the_run_of_a_task_that_told_its_state_is_looked_at(path: str) -> None:
    told: list[str] = []
    there = threading.Event()

    def looked(task: str) -> None:
        told.append(task)
        there.set()

    assert await ask(looked, "PATCH", path) == 204
    assert await asyncio.to_thread(there.wait, 10)
    assert told == [TASK]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", STATE, 409),
        ("PATCH", STATE, 401),
        ("GET", STATE, 200),
        ("PATCH", f"/execution/task-instances/{TASK}/run", 200),
        ("PATCH", "/execution/task-instances/..%2F..%2Fx/state", 204),
    ],
)
async def test_what_changed_no_task_s_state_moves_no_run(method: str, path: str, status: int) -> None:
    told: list[str] = []
    assert await ask(told.append, method, path, status) == status
    assert told == []


@pytest.mark.anyio
async def test_the_answer_does_not_wait_for_the_look() -> None:
    release = threading.Event()
    assert await ask(lambda _: release.wait(10) or None, "PATCH", STATE) == 204
    assert not release.is_set()
    release.set()


@pytest.mark.anyio
async def test_a_look_that_fails_is_logged_and_the_next_one_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []
    there = threading.Event()

    def looked(task: str) -> None:
        told.append(task)
        if len(told) == 1:
            raise ValueError("no such table")
        there.set()

    transport = ASGITransport(app=NextLook(an_api(204), looked))
    async with AsyncClient(transport=transport, base_url="http://airflow") as client:
        for _ in range(2):
            assert (await client.patch(STATE)).status_code == 204
    assert await asyncio.to_thread(there.wait, 10)
    assert "no such table" in caplog.text


@pytest.mark.anyio
async def test_however_many_looks_are_taken_they_hold_one_thread() -> None:
    threads: set[str] = set()
    left = threading.Semaphore(0)

    def looked(task: str) -> None:
        threads.add(threading.current_thread().name)
        left.release()

    transport = ASGITransport(app=NextLook(an_api(204), looked))
    async with AsyncClient(transport=transport, base_url="http://airflow") as client:
        for _ in range(30):
            await client.patch(STATE)
    for _ in range(30):
        assert await asyncio.to_thread(left.acquire, timeout=10)
    assert len(threads) == 1
