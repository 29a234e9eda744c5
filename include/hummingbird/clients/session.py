"""One requests session a system: bounded in time and size, repeated where harmless, errors in our words.

The vendors' libraries get this session too, so that every call of the platform behaves alike: what they would
see as an error status never reaches them, it is raised here as one of core.errors.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from hummingbird.clients.connection import TimelyAdapter
from hummingbird.clients.reading import Limits, read_all
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.translation import error_of, lost, seconds_asked, words
from hummingbird.clients.unsaid import carried, without
from hummingbird.core.errors import Invalid

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPS = 4


@dataclass(frozen=True)
class Call:
    """What the session should know of the call under way."""

    about: str = ""
    again: bool | None = None
    """Whether acting twice does no harm; None: by HTTP method."""
    accept: frozenset[int] = frozenset()
    """Error statuses that the caller handles itself."""
    tail: int | None = None
    """Only so many bytes of the answer's end are wanted, however large it is."""


def sendable(token: str) -> str:
    """The token; Invalid when it cannot stand in a header, without showing it."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Invalid(
            "the connection's token is empty or holds a blank, a line end or a letter outside ASCII; "
            "enter it again"
        )
    return token


class BearerToken(AuthBase):
    """`Authorization: Bearer …`; being an auth handler it also keeps `.netrc` out."""

    def __init__(self, token: str, scheme: str = "Bearer ") -> None:
        self._value = f"{scheme}{sendable(token)}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


class Anonymous(AuthBase):
    """No credentials, and none from `.netrc` either."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def basic(user: str, password: str) -> AuthBase:
    """Basic authentication in UTF-8."""
    return HTTPBasicAuth(user.encode(), password.encode())


class Session(requests.Session):
    """A session that raises core.errors for everything but success.

    It sends nothing, and no credentials, to any host but `home`'s; cookies are neither kept nor sent.
    """

    def __init__(
        self,
        system: str,
        home: str,
        *,
        auth: AuthBase | None = None,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self.system = system
        self._home = urlsplit(home)[:2]
        self.auth = auth or Anonymous()
        self.verify = verify
        self.limits = limits or Limits()
        self.retrying = retrying or Retrying()
        self._now = now
        self._under_way = threading.local()
        for scheme in ("http://", "https://"):
            self.mount(scheme, TimelyAdapter())

    @contextmanager
    def about(
        self,
        subject: str,
        *,
        again: bool | None = None,
        accept: frozenset[int] = frozenset(),
        tail: int | None = None,
    ) -> Iterator[None]:
        """Name what the calls inside are about, for error sentences."""
        outer = self._call
        self._under_way.call = Call(subject, again, accept, tail)
        try:
            yield
        finally:
            self._under_way.call = outer

    @property
    def _call(self) -> Call:
        return getattr(self._under_way, "call", Call())

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As requests has it; a request that cannot even be written raises Invalid."""
        try:
            return super().request(method, url, *args, **kwargs)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL) as error:
            kind = type(error).__name__
            raise Invalid(
                f"{self.system}: the address or a header cannot be sent ({kind}); "
                "check the connection for blanks and line ends"
            ) from None  # the foreign message would show the header's value

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, repeat where harmless, follow redirects on the same host; raises core.errors."""
        call = self._call
        if urlsplit(request.url or "")[:2] != self._home:
            there = urlsplit(request.url or "").netloc
            raise Invalid(
                f"{self.system}: asked to call {there}, which is another host than the connection's"
            )
        again = call.again if call.again is not None else request.method in _REPEATABLE
        transport = {key: kwargs.get(key) for key in ("verify", "cert", "proxies")}
        return self.retrying.run(lambda: self._followed(request, call, transport), again=again)

    def _followed(
        self, request: requests.PreparedRequest, call: Call, transport: dict[str, Any]
    ) -> requests.Response:
        ends = self.retrying.monotonic() + self.limits.total
        for _ in range(_HOPS):
            answer = self._once(request, call, transport, ends)
            target = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or target is None:
                return answer
            request = self._redirected(request, target)
        raise Invalid(
            f"{self._head(request, call)}: redirected {_HOPS} times; check the connection's address"
        )

    def _redirected(self, request: requests.PreparedRequest, target: str) -> requests.PreparedRequest:
        here = request.url or ""
        there = urljoin(here, target)
        if urlsplit(here)[:2] != urlsplit(there)[:2] or request.method not in ("GET", "HEAD"):
            raise Invalid(
                f"{self.system}: {request.method} {urlsplit(here).path} was redirected to "
                f"{urlsplit(there).scheme}://{urlsplit(there).netloc}, which credentials are not sent to; "
                "put the final address into the connection"
            )
        following = request.copy()
        following.url = there
        return following

    def _once(
        self, request: requests.PreparedRequest, call: Call, transport: dict[str, Any], ends: float
    ) -> requests.Response:
        head = self._head(request, call)
        limits = self.limits
        try:
            answer = self.get_adapter(url=request.url or "").send(
                request, stream=True, timeout=(limits.connect, limits.read), **transport
            )
        except requests.exceptions.RequestException as error:
            raise lost(head, error.args[0] if error.args else error) from error
        with answer:
            answer._content = read_all(
                answer.raw, head, self.limits, ends, self.retrying.monotonic, call.tail
            )
        answer._content_consumed = True  # type: ignore[attr-defined]
        status = answer.status_code
        if status < 400 or status in call.accept:
            return answer
        after = seconds_asked(answer.headers.get("Retry-After"), self._now)
        raise error_of(status, head, words(without(answer.content, carried(request))), after)

    def _head(self, request: requests.PreparedRequest, call: Call) -> str:
        path = urlsplit(request.url or "").path
        subject = f" for {call.about}" if call.about else ""
        return f"{self.system}: {request.method} {path}{subject}"
