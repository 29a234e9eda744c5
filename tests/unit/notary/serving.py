"""An ASGI application on a real socket for the length of a test."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import httpx
import uvicorn
from fastapi import FastAPI


@contextlib.contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application's base URL while it is served."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready.set()

    server = Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert ready.wait(30), "the application did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


def loopback_client(base_url: str) -> httpx.Client:
    """A client of what is served here; it reads no authorities, which takes longer than a request."""
    return httpx.Client(base_url=base_url, timeout=20, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
