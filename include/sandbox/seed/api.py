"""One system's HTTP API as the seed calls it: JSON in and out, and an error that names call and answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import requests

CALL_SECONDS = 30


class SeedError(Exception):
    """A system did not answer as its vendor says; the message names call, status and answer."""


class Api:
    """Calls below one base URL, with one set of credentials."""

    def __init__(
        self,
        base: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
        verify: str | bool = True,
    ) -> None:
        self.base = base.rstrip("/")
        self._session = requests.Session()
        # The machine's proxies and .netrc have no say in what the sandbox asks itself.
        self._session.trust_env = False
        self._session.auth = auth
        self._session.verify = verify
        self._session.headers.update(headers or {})

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        expected: Iterable[int] = (200, 201, 204),
    ) -> requests.Response:
        """The answer, when its status is an expected one; SeedError otherwise."""
        # An upload's location comes back as a whole address.
        url = path if path.startswith(("http://", "https://")) else self.base + path
        try:
            answer = self._session.request(
                method, url, json=body, data=data, headers=headers, params=query, timeout=CALL_SECONDS
            )
        except requests.RequestException as error:
            raise SeedError(f"{method} {url}: {error}") from error
        if answer.status_code not in set(expected):
            raise SeedError(f"{method} {url} answered {answer.status_code}: {answer.text[:400]}")
        return answer

    def find(self, path: str) -> Any | None:
        """The JSON at a path; None when it is not there."""
        answer = self.call("GET", path, expected=(200, 404))
        return answer.json() if answer.status_code == 200 else None

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
