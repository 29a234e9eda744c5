"""Calls to one Kubernetes API server through the kubernetes client's transport, bounded like all others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3
from kubernetes.client import ApiClient
from kubernetes.client.exceptions import ApiException

from hummingbird.clients.connection import hasten
from hummingbird.clients.reading import Limits, read_all
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.translation import error_of, lost, words
from hummingbird.core.errors import Garbled, Retryable

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})


class Expired(Retryable):
    """410: the version asked for is no longer kept; read anew and go on from there."""


class ClusterCalls:
    """One API server with one account; answers are JSON documents, errors are core.errors."""

    def __init__(
        self,
        api: ApiClient,
        name: str,
        *,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        self.name = name
        self.limits = limits or Limits()
        self.retrying = retrying or Retrying()
        self._api = api
        pools = api.rest_client.pool_manager
        pools.connection_pool_kw["retries"] = urllib3.Retry(0, redirect=0, raise_on_redirect=False)
        hasten(pools)

    def close(self) -> None:
        """Close all connections."""
        self._api.rest_client.pool_manager.clear()
        self._api.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        about: str,
        params: Mapping[str, Any] | None = None,
        document: Any = None,
        content_type: str = "application/json",
        again: bool | None = None,
    ) -> bytes:
        """The answer's body; `again` says that acting twice does no harm (by method when None)."""
        head = self._head(method, path, about)

        def once() -> bytes:
            ends = self.retrying.monotonic() + self.limits.total
            with self._answer(method, path, head, params, document, content_type, self.limits.read) as raw:
                return read_all(raw, head, self.limits, ends, self.retrying.monotonic)

        repeatable = again if again is not None else method in _REPEATABLE
        return self.retrying.run(once, again=repeatable)

    def document(self, method: str, path: str, *, about: str, **call: Any) -> dict[str, Any]:
        """The answer as an API object; Garbled for anything else."""
        head = self._head(method, path, about)
        found = self._parsed(self.call(method, path, about=about, **call), head)
        if not isinstance(found.get("kind"), str) or not isinstance(found.get("metadata"), dict):
            raise Garbled(f"{head}: expected a Kubernetes object, found one without kind or metadata")
        return found

    def lines(
        self, path: str, *, about: str, params: Mapping[str, Any], silence: float
    ) -> Iterator[dict[str, Any]]:
        """A watch's events as they come, until the server ends it or nothing came for `silence` seconds.

        It ends too when the server does not: after `silence` seconds in all, however slowly something comes.
        """
        head = self._head("GET", path, about)
        ends = self.retrying.monotonic() + silence
        with self._answer("GET", path, head, params, None, "application/json", silence) as raw:
            rest = b""
            try:
                while chunk := raw.read1(65536, decode_content=True):
                    *whole, rest = (rest + chunk).split(b"\n")
                    yield from (self._parsed(line, head) for line in whole if line.strip())
                    if len(rest) > self.limits.size:
                        raise Garbled(f"{head}: an event is larger than {self.limits.size} bytes")
                    if self.retrying.monotonic() > ends:
                        return
            except urllib3.exceptions.HTTPError as error:
                raise lost(head, error) from error

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        head: str,
        params: Mapping[str, Any] | None,
        document: Any,
        content_type: str,
        silence: float,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        try:
            raw = self._api.call_api(
                path,
                method,
                query_params=list((params or {}).items()),
                header_params={"Accept": "application/json, */*", "Content-Type": content_type},
                body=document,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _return_http_data_only=True,
                _request_timeout=(self.limits.connect, silence),
            )
        except ApiException as error:
            raise self._refused(error, head) from error
        except urllib3.exceptions.HTTPError as error:
            raise lost(head, error) from error
        try:
            yield raw
        finally:
            raw.close()  # an answer read to its end has given its connection back already
            raw.release_conn()

    def _refused(self, error: ApiException, head: str) -> Exception:
        body = error.body or error.reason or b""
        said = words(body.encode() if isinstance(body, str) else body)
        after = (error.headers or {}).get("Retry-After")
        if not error.status:
            return lost(head, urllib3.exceptions.SSLError(said))
        if error.status == 410:
            return Expired(f"{head}: the version asked for is no longer kept ({said}); read anew")
        return error_of(error.status, head, said, float(after) if after and after.isdigit() else None)

    def _parsed(self, body: bytes, head: str) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Garbled(
                f"{head}: expected JSON, found {words(body)[:80]!r}; is this an API server?"
            ) from error
        if not isinstance(found, dict):
            raise Garbled(f"{head}: expected a JSON object, found {type(found).__name__}")
        return found

    def _head(self, method: str, path: str, about: str) -> str:
        return f"cluster {self.name}: {method} {path} for {about}"
