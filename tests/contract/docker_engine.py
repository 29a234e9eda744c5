"""A small Docker Engine on a unix socket: it keeps what it is asked and answers for one container's life.

No container runs: in its place one HTTP server of this process answers on the published port. What it is
asked is judged by the Engine's own document; whether a real engine does what is asked, only one can tell.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from contract.vendor.exchange import Exchange

API = "1.47"
IDENTITY = "c0" * 32


@dataclass
class Engine:
    """What the engine has, and how what it runs behaves."""

    registry: dict[str, str]
    """Repository with host → the one digest that can be pulled."""
    status: int = 200
    exits: int | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    container: dict[str, Any] = field(default_factory=dict)
    served: HTTPServer | None = None

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        """The status and document for one call."""
        parts = urlsplit(target)
        path, query = unquote(parts.path).removeprefix(f"/v{API}"), parse_qs(parts.query)
        if path == "/version":
            return 200, {"ApiVersion": API, "MinAPIVersion": "1.24", "Version": "27.0.0"}
        if (method, path) == ("POST", "/images/create"):
            name, tag = query["fromImage"][0], query["tag"][0]
            found = self.registry.get(name) == tag
            return (200, {"status": "done"}) if found else (404, {"message": f"manifest of {name} unknown"})
        if path.startswith("/images/") and path.endswith("/json"):
            name = path.removeprefix("/images/").removesuffix("/json").partition("@")[0]
            return 200, {"Id": "sha256:" + "1" * 64, "RepoDigests": [f"{name}@{self.registry[name]}"]}
        if (method, path) == ("POST", "/containers/create"):
            self.container = json.loads(body)
            return 201, {"Id": IDENTITY, "Warnings": []}
        if path == f"/containers/{IDENTITY}/start":
            self._serve()
            return 204, None
        if path == f"/containers/{IDENTITY}/json":
            return 200, self._inspected()
        if path == f"/containers/{IDENTITY}/logs":
            return 200, None
        if (method, path) == ("DELETE", f"/containers/{IDENTITY}"):
            self.stop()
            self.container = {}
            return 204, None
        return 404, {"message": f"page not found: {method} {path}"}

    def stop(self) -> None:
        """End what runs."""
        if self.served is not None:
            self.served.shutdown()
            self.served.server_close()
            self.served = None

    def _serve(self) -> None:
        engine = self

        class Program(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(engine.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self.served = HTTPServer(("127.0.0.1", 0), Program)
        threading.Thread(
            target=self.served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def _inspected(self) -> dict[str, Any]:
        running = self.exits is None
        state = {"Status": "running" if running else "exited", "ExitCode": self.exits or 0}
        bound = [{"HostIp": "127.0.0.1", "HostPort": str(self.served.server_port)}] if self.served else []
        ports = dict.fromkeys(self.container["ExposedPorts"], bound)
        return {
            "Id": IDENTITY,
            "Image": "sha256:" + "1" * 64,
            "State": state,
            "Config": {"Labels": self.container["Labels"], "Tty": False},
            "NetworkSettings": {"Ports": ports},
            "HostConfig": {"LogConfig": {"Type": "json-file", "Config": {}}},
        }


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def engine(socket: Path, registry: dict[str, str]) -> Iterator[Engine]:
    """The engine on a socket."""
    made = Engine(registry)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = made.answer(self.command, self.path, body)
            content = b"" if document is None else json.dumps(document).encode()
            kind = {"content-type": "application/json"} if content else {}
            sent = {name.lower(): value for name, value in self.headers.items()}
            made.exchanges.append(Exchange(self.command, self.path, sent, body, status, kind, content))
            self.send_response(status)
            for name, value in kind.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815  # names of the standard library

        def address_string(self) -> str:
            return "unix"

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with _UnixServer(str(socket), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield made
        finally:
            made.stop()
            server.shutdown()
            serving.join()
