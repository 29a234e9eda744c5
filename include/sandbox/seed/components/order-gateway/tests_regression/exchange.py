"""Calls over HTTP, every one noted in a line of the logger `http.requests`: what was asked, what was answered.

The report of a night shows these lines beside a failure.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

CALL_SECONDS = 20
"""Longer than a busy machine takes, shorter than a service waits for a caller that says nothing."""
SHOWN = 400
"""Characters of a body that are noted."""
log = logging.getLogger("http.requests")


@dataclass(frozen=True)
class Answer:
    """What came back; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> dict:
        """The body as JSON."""
        return json.loads(self.text)


class Line:
    """One connection, for as many calls as it lives."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self.connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=CALL_SECONDS)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request and read its answer.

        Text and bytes go as they are, an iterator goes piece by piece, everything else as JSON. A header
        `Content_Length` is sent as `Content-Length`.
        """
        content = (
            body
            if body is None or isinstance(body, (bytes, str, Iterator))
            else json.dumps(body, ensure_ascii=False)
        )
        content = content.encode("utf-8") if isinstance(content, str) else content
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        target = urlsplit(self._url).path + path
        with self._noted(method, path, content) as told:
            self.connection.request(method, target, content, sent)
            response = self.connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            told += [str(response.status), text]
        answered = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, answered, text)

    @contextmanager
    def _noted(self, method: str, path: str, content: object) -> Iterator[list[str]]:
        """Note the call with the status and text that are put into the list, or with what went wrong."""
        told: list[str] = []
        began = time.monotonic()
        try:
            yield told
        except Exception as error:
            told[:] = ["no answer", repr(error)]
            raise
        finally:
            took = f"in {(time.monotonic() - began) * 1000:.0f} ms"
            sent = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            words = [method, self._url + path, sent, "->", *told[:1], took, *told[1:]]
            log.info("%s", " ".join(short(word) for word in words if word))


def short(text: str) -> str:
    """A text on one line, its end left out when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


@contextmanager
def line_to(component: str) -> Iterator[Line]:
    """A connection to a component, closed at the end."""
    line = Line(url_of(component))
    try:
        yield line
    finally:
        line.connection.close()


def call(component: str, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """One call on a connection of its own."""
    with line_to(component) as line:
        return line.call(method, path, body, **headers)


def url_of(component: str) -> str:
    """`<COMPONENT>_URL`, or the address that Kubernetes gives every pod of the namespace."""
    name = component.upper().replace("-", "_")
    url = os.environ.get(f"{name}_URL")
    return url or f"http://{os.environ[f'{name}_SERVICE_HOST']}:{os.environ[f'{name}_SERVICE_PORT']}"


def runs_here(component: str) -> bool:
    """Whether a component is to be found at all."""
    name = component.upper().replace("-", "_")
    return f"{name}_URL" in os.environ or f"{name}_SERVICE_HOST" in os.environ
