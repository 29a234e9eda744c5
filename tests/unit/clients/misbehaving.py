"""A small real HTTP server that does on each request what a test tells it to, good or bad."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """What was received, and what to do next; the last behaviour is kept for all further requests."""

    url: str = ""
    script: list[Behaviour] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def does(self, *script: Behaviour) -> None:
        self.script = list(script)

    def next(self) -> Behaviour:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def says(status: int, document: Any = None, **headers: str) -> Behaviour:
    """Answer JSON; header names are written with underscores."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        sends(status, body, **{"Content_Type": "application/json"} | headers)(handler)

    return behave


def sends(status: int, body: bytes, **headers: str) -> Behaviour:
    """Answer bytes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return behave


def truncates(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"half": ')
    handler.close_connection = True


def truncates_chunks(handler: BaseHTTPRequestHandler) -> None:
    """Break off in the middle of a chunked answer."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"10\r\n{}")
    handler.close_connection = True


def drops(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer, after the request was read."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A byte every 50 ms for 5 s."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    _drip(handler, b"x" * 100)


def drips_head(handler: BaseHTTPRequestHandler) -> None:
    """A byte of the head every 50 ms for 5 s."""
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 75)


def _drip(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.close_connection = True
    for byte in content:
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return
        time.sleep(0.05)


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free loopback port."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            state.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
            state.next()(self)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
