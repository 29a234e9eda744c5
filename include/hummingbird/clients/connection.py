"""Connections whose answer's head must be there in time: a read time-out alone lets a slow drip run on."""

from __future__ import annotations

import socket
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

HEAD_SECONDS = 30.0
"""From the request's last byte to the answer's last header line."""


class _Deadline:
    """Cuts a connection when time is up; the reader then sees the end of the stream."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._timer = threading.Timer(HEAD_SECONDS, self._cut)
        self._timer.daemon = True
        self.passed = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.passed = True
        sock = self._connection.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster: the connection is gone already


def _timely(connection: HTTPConnection, read: Any) -> HTTPResponse:
    with _Deadline(connection) as deadline:
        answer: HTTPResponse = read()
    if deadline.passed:
        answer.close()
        raise TimeoutError(f"no complete answer head within {HEAD_SECONDS:.0f} s")
    return answer


class _Http(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        return _timely(self, super().getresponse)


class _Https(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        return _timely(self, super().getresponse)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


def hasten(pools: PoolManager) -> None:
    """Make a pool manager use these connections; requests' and the Kubernetes client's alike."""
    pools.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class TimelyAdapter(HTTPAdapter):
    """requests' transport over connections with a deadline, without retries of its own."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        hasten(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        hasten(manager)
        return manager
