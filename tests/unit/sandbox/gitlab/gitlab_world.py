"""A GitLab stand-in on free ports, a receiver of webhooks, git as different people."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import subprocess
import threading
from collections.abc import Coroutine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gitlab

from sandbox.gitlab import create
from sandbox.serving import Service
from sandbox.world import World
from waiting import until


class Running:
    """Services on an event loop of their own thread."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._services: list[Service] = []
        self.start()

    def _await(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def start(self) -> None:
        self._services = create(self.world)
        for service in self._services:
            self._await(service.start())

    def stop(self) -> None:
        for service in self._services:
            self._await(service.stop())
        self._services = []

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def api(self, username: str) -> gitlab.Gitlab:
        """python-gitlab, signed in."""
        return gitlab.Gitlab(self.world.url("gitlab"), private_token=self.world.secret(f"gitlab.{username}"))

    def remote(self, username: str, path: str = "trading/order-gateway") -> str:
        """A clone URL with the account's credentials."""
        token = self.world.secret(f"gitlab.{username}")
        return f"http://{username}:{token}@127.0.0.1:{self.world.port('gitlab')}/{path}.git"


class Receiver:
    """An HTTP server that keeps what it is sent; `answers` holds the next statuses, then 200."""

    def __init__(self) -> None:
        self.received: queue.Queue[tuple[dict[str, str], dict[str, Any]]] = queue.Queue()
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.put((dict(self.headers), json.loads(body)))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def next(self, timeout: float = 60) -> tuple[dict[str, str], dict[str, Any]]:
        """The next delivery: headers and payload."""
        return self.received.get(timeout=timeout)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Clone:
    """A work tree of one person."""

    def __init__(self, folder: Path, remote: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=master")
        self.git("remote", "add", "origin", remote)

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """git with a clean configuration."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Developer",
            "GIT_AUTHOR_EMAIL": "developer@example.invalid",
            "GIT_COMMITTER_NAME": "Developer",
            "GIT_COMMITTER_EMAIL": "developer@example.invalid",
        }
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, check=check, capture_output=True, text=True
        )

    def commit(self, message: str, files: dict[str, str]) -> str:
        """Commit files; the new commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD").stdout.strip()


def ended(hub: Any, number: int) -> Any:
    """The pipeline, when it has ended."""

    def over() -> Any:
        pipeline = hub.pipelines.get(number)
        return pipeline if pipeline.status not in ("created", "pending", "running") else None

    return until(over, 120)
