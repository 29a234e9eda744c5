"""How a registry asks who we are: Basic at once, or a Bearer token from the place its challenge names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth

from hummingbird.clients.translation import error_of, words
from hummingbird.clients.unsaid import carried, without
from hummingbird.core.errors import Denied, Garbled, Unreachable
from hummingbird.workloads.images.answers import asked_after

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
TIMEOUT = (5.0, 20.0)


@dataclass(frozen=True)
class Credentials:
    """A registry account; the password never appears in a representation."""

    user: str
    password: str = field(repr=False)


class RegistryAuth:
    """Answers challenges of one host. A token realm on another host gets no password: it may be anyone's."""

    def __init__(self, host: str, credentials: Credentials | None) -> None:
        self._host = host
        self._credentials = credentials
        self._tokens: dict[str, str] = {}
        self._basic = False

    def scoped(self, extra: str | None) -> partial[requests.PreparedRequest]:
        """What `requests` takes as auth; `extra` is a token scope beyond the one the challenge names."""
        return partial(self._sign, extra)

    def _sign(self, extra: str | None, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._basic:
            request = self._by_password(request)
        token = self._tokens.get(self._key(request, extra))
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        request.hooks["response"].append(lambda answer, **sending: self._answer(answer, extra, sending))
        return request

    def _answer(
        self, response: requests.Response, extra: str | None, sending: dict[str, Any]
    ) -> requests.Response:
        """Send once more with what the challenge asks for; a second 401 is the registry's last word."""
        if response.status_code != 401 or urlsplit(response.url).netloc != self._host:
            return response
        challenge = response.headers.get("WWW-Authenticate", "")
        again = response.request.copy()
        if challenge.lower().startswith("bearer"):
            token = self._token(challenge, extra)
            self._tokens[self._key(response.request, extra)] = token
            again.headers["Authorization"] = f"Bearer {token}"
        elif challenge.lower().startswith("basic") and self._credentials and not self._basic:
            self._basic = True
            again = self._by_password(again)
        else:
            return response
        response.close()
        second: requests.Response = response.connection.send(again, **sending)
        second.history.append(response)
        second.request = again
        return second

    def _token(self, challenge: str, extra: str | None) -> str:
        parameters = dict(_PARAMETER.findall(challenge))
        realm = parameters.get("realm", "")
        if urlsplit(realm).netloc != self._host:
            raise Denied(f"the registry at {self._host} sends its users to {realm or 'nowhere'} for a token")
        scopes = [scope for scope in (parameters.get("scope"), extra) if scope]
        query = {"service": parameters.get("service", ""), "scope": scopes}
        basic = (
            HTTPBasicAuth(self._credentials.user, self._credentials.password) if self._credentials else None
        )
        try:
            answer = requests.get(realm, params=query, auth=basic, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise Unreachable(f"{realm}: {error}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            head = f"GET {realm} for {' '.join(scopes)}"
            said = words(without(answer.content, carried(answer.request)))
            raise error_of(answer.status_code, head, said, asked_after(answer))
        if answer.status_code != 200:
            raise Denied(f"{realm} gave no token for {' '.join(scopes)}: it answered {answer.status_code}")
        try:
            document = answer.json()
            return str(document.get("token") or document["access_token"])
        except (ValueError, KeyError, AttributeError) as error:
            raise Garbled(f"{realm} answered something that is no token") from error

    def _by_password(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credentials and urlsplit(request.url or "").netloc == self._host:
            HTTPBasicAuth(self._credentials.user, self._credentials.password)(request)
        return request

    @staticmethod
    def _key(request: requests.PreparedRequest, extra: str | None) -> str:
        """Tokens are for one repository and direction; uploads and reads of one repository differ."""
        path = urlsplit(request.url or "").path
        repository = re.sub(r"^/v2/|/(blobs|manifests)/.*$", "", path)
        reading = request.method in ("GET", "HEAD")
        return f"{repository} {'read' if reading else 'write'} {extra or ''}"
