"""The ledger's pen is killed in mid-sentence, its paper is full: nothing is lost and nothing said twice."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from checker.ledger import read
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.engine import connect
from hummingbird.ledger.export import export
from long.notary_world import NotaryWorld
from unit.ledger.ledger_samples import an_event
from waiting import until

pytestmark = pytest.mark.long
WRITERS, EVENTS, KILLS = 4, 40, 6


@contextmanager
def a_world(folder: Path, database_folder: Path) -> Iterator[NotaryWorld]:
    world = NotaryWorld(folder, database_folder)
    try:
        yield world
    finally:
        world.end()


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="hb-pg-"))
    yield folder
    shutil.rmtree(folder)


def rows(world: NotaryWorld, folder: Path) -> list[str]:
    """The ledger as an auditor takes it away."""
    engine = connect(world.dsn, pool_size=1)
    try:
        with engine.connect() as connection, (folder / "ledger.jsonl").open("w", encoding="utf-8") as out:
            export(connection, out)
    finally:
        engine.dispose()
    return (folder / "ledger.jsonl").read_text("utf-8").splitlines()


def test_killed_while_writing_the_ledger_keeps_every_word_once(tmp_path: Path, short: Path) -> None:
    chance = random.Random(7)

    def write(writer: int) -> list[str]:
        client = world.client()
        keys = [f"run:{writer}:{number}" for number in range(EVENTS)]
        for key in keys:
            client.append(a_word(key))
        client.close()
        return keys

    with a_world(tmp_path, short) as world, ThreadPoolExecutor(WRITERS) as writers:
        writing = [writers.submit(write, number) for number in range(WRITERS)]
        for number in range(KILLS):
            before = len(rows(world, tmp_path))
            until(lambda before=before: len(rows(world, tmp_path)) > before + chance.randint(1, 8))  # type: ignore[misc]
            (world.kill_notary if number % 2 else world.stop_database)()
            until(world.serves)
        acknowledged = [key for done in writing for key in done.result(300)]
        events, wrong = read(rows(world, tmp_path))
    assert wrong == []
    assert sorted(event.key for event in events) == sorted(acknowledged)


def fill(ballast: Path) -> None:
    """Write until the disk is full, then say so."""
    with ballast.open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 65536)


def a_word(key: str, text: str = "") -> DeliveryEvent:
    """What a task may write."""
    data = {"line": f"DONE: {text}", "started_at": "2026-11-22T12:00:00+00:00", "parent": None}
    return an_event(key, kind=EventKind.RUN_FINISHED, subject=f"scan/{key}", run=f"scan/{key}", data=data)


@pytest.mark.skipif(os.geteuid() != 0, reason="F20 mounts a small file system, which only root may")
def test_a_full_disk_closes_the_ledger_until_there_is_room_again(tmp_path: Path, short: Path) -> None:
    with small_disk(short, "120m"), a_world(tmp_path, short) as world:
        client = world.client()
        client.append(a_word("run:before"))
        with pytest.raises(OSError, match="No space left"):
            fill(short / "ballast")
        impatient = NotaryApiOf(world)
        refused = 0
        for number in range(400):
            answer = impatient(f"run:full:{number}", "x" * 20000)
            refused += answer >= 500
            if refused > 3:
                break
        assert refused > 3, "the disk was not full"
        (short / "ballast").unlink()
        until(world.serves)
        client.append(a_word("run:after"))
        client.close()
        events, wrong = read(rows(world, tmp_path))
    assert wrong == []
    assert (events[0].key, events[-1].key) == ("run:before", "run:after")
    taken = {event.key for event in events}
    assert all(key in taken for key in impatient.acknowledged)


class NotaryApiOf:
    """Posts events once each; remembers which were acknowledged."""

    def __init__(self, world: NotaryWorld) -> None:
        self._world = world
        self.acknowledged: list[str] = []

    def __call__(self, key: str, text: str) -> int:
        document = a_word(key, text).document()
        headers = {"Authorization": f"Bearer {'t' * 40}"}
        try:
            answer = httpx.post(f"{self._world.url}/events", json=document, headers=headers, timeout=30)
        except httpx.TransportError:
            return 599
        if answer.status_code < 300:
            self.acknowledged.append(key)
        return answer.status_code


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of that size on the folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_notary_whose_log_is_full_still_answers(tmp_path: Path, short: Path) -> None:
    with a_world(tmp_path, short) as world:
        world.log = Path("/dev/full")
        world.kill_notary()
        until(world.serves)
        client = world.client()
        assert client.append(a_word("run:1")).sequence == 1
        client.close()
