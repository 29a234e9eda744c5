"""One system over HTTP: calls that name their subject, answers that are checked for their form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import TypeAdapter, ValidationError
from requests.auth import AuthBase

from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import Session
from hummingbird.clients.translation import words
from hummingbird.clients.unsaid import carried, without
from hummingbird.core.errors import Garbled, Invalid

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A complete answer; `head` says in words which call it answers."""

    head: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    unsaid: tuple[bytes, ...] = field(default=(), repr=False)
    """What the request carried and no message may repeat."""

    def json(self) -> Any:
        """The body as JSON; Garbled for anything else, such as a login page with status 200."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Garbled(
                f"{self.head}: expected JSON, found {self.headers.get('Content-Type', 'no type')} "
                f"({words(without(self.body, self.unsaid))[:80]}); check that the address is the API's"
            ) from error

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; Garbled for anything else."""
        found = self.json()
        if not isinstance(found, dict):
            raise Garbled(f"{self.head}: expected a JSON object, found {type(found).__name__}")
        return found

    def documents(self) -> list[dict[str, Any]]:
        """The body as a JSON list of objects; Garbled for anything else."""
        found = self.json()
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Garbled(f"{self.head}: expected a JSON list of objects, found {type(found).__name__}")
        return found

    def read_as(self, form: TypeAdapter[T]) -> T:
        """The body as a typed value; Garbled names the first field that does not fit."""
        return fitting(form, self.json(), self.head)


def fitting(form: TypeAdapter[T], value: Any, head: str) -> T:
    """The value as the type; Garbled names the first field that does not fit."""
    try:
        return form.validate_python(value) if not isinstance(value, bytes) else form.validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise Garbled(f"{head}: {place}: {first['msg']}; the two sides disagree on the interface") from error


class Site:
    """A system's API below one base address; closes its connections when used as a context."""

    def __init__(
        self,
        system: str,
        url: str,
        *,
        auth: AuthBase | None = None,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self.url = base_address(system, url)
        self.session = Session(system, self.url, auth=auth, verify=verify, limits=limits, retrying=retrying)

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        about: str,
        params: Mapping[str, Any] | None = None,
        document: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
        accept: Iterable[int] = (),
    ) -> Answer:
        """One call below the base address; raises core.errors for every status of 400 and above but `accept`.

        `again`: acting twice does no harm, so a lost answer may be asked for again (by method when None).
        """
        sent = dict(headers or {})
        if document is not None:
            body = json.dumps(document, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json; charset=utf-8"
        sent.setdefault("Accept", "application/json")
        with self.session.about(about, again=again, accept=frozenset(accept)):
            answer = self.session.request(method, self.address(path), params=params, data=body, headers=sent)
        return _answer(self.session.system, about, answer)

    def address(self, path: str) -> str:
        """The full address of a path below the base; an absolute address stays as it is."""
        return path if "://" in path else f"{self.url}/{path.lstrip('/')}"


def base_address(system: str, url: str) -> str:
    """The address without a trailing slash; Invalid for anything but http(s)://host without credentials."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise Invalid(f"{system}: the connection's address must read https://host[:port][/path]")
    return url.strip().rstrip("/")


def _answer(system: str, about: str, answer: requests.Response) -> Answer:
    path = urlsplit(answer.url or "").path
    head = f"{system}: {answer.request.method} {path} for {about}"
    unsaid = tuple(carried(answer.request))
    return Answer(head, answer.status_code, answer.headers, answer.content, unsaid)
