"""Harbor's state: a kill loses nothing that was answered, and leaves no half content."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.world import World
from stand_ins import free_world
from unit.sandbox.harbor.harbor_client import Client, digest

REPOSITORY = "trading-dev/order-gateway"
INCLUDE = Path(__file__).parents[4] / "include"


@contextmanager
def process(world: World) -> Iterator[subprocess.Popen[str]]:
    """`python -m sandbox serve harbor`, killed when the test is done with it."""
    command = [sys.executable, "-m", "sandbox", "serve", "harbor"]
    command += ["--home", str(world.home), "--port-base", str(world.port_base)]
    environment = os.environ | {"PYTHONPATH": str(INCLUDE)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready harbor\n"
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)


def test_a_kill_loses_nothing_and_an_upload_goes_on_after_it(tmp_path: Path) -> None:
    world = free_world(tmp_path, "harbor")
    client = Client(world, "ci")
    with process(world):
        image = client.image(REPOSITORY, "kept")
        where = client.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/").headers["Location"]
        client.session.patch(where, data=b"before ", timeout=30)
    client.session.close()
    with process(world) as running:
        pulled = client.call("GET", f"/v2/{REPOSITORY}/manifests/kept")
        assert pulled.headers["Docker-Content-Digest"] == image == digest(pulled.content)
        assert client.session.get(where, timeout=30).headers["Range"] == "0-6"
        content = b"before and after"
        done = client.session.put(where, params={"digest": digest(content)}, data=b"and after", timeout=30)
        assert done.status_code == 201
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    client.session.close()


def test_content_under_a_digest_is_always_whole(tmp_path: Path) -> None:
    world = free_world(tmp_path, "harbor")
    client = Client(world, "ci")
    with process(world):
        client.image(REPOSITORY, "whole", layer=b"x" * 3_000_000)
    client.session.close()
    files = [path for path in (tmp_path / "sandbox/harbor/blobs/sha256").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(digest(path.read_bytes()) == f"sha256:{path.name}" for path in files)
