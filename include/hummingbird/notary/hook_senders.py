"""Who sent a webhook: GitLab for this very project, lately. Everything secret is compared in constant time.

A project's token and signing token are drawn from the notary's one secret and the project's path: whoever
knows those of one project can say nothing about another. The secret itself is the token of a hook for all.
Signatures are Standard Webhooks, which GitLab sends since 19.0 when a hook has a signing token:
https://docs.gitlab.com/user/project/integrations/webhooks/#signing-tokens
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from hummingbird.core.errors import Invalid
from hummingbird.notary.strict_json import parse
from hummingbird.notary.tokens import Unauthorised

WINDOW_SECONDS = 300
"""How far a signed delivery's time may be from ours; one that comes later is a replay."""
_SHOWN = ("x-gitlab-token", "webhook-signature")


def project_token(secret: str, project: str) -> str:
    """What goes into a project's hook as its secret token."""
    return hmac.new(secret.encode(), f"gitlab-webhook:{project}".encode(), hashlib.sha256).hexdigest()


def signing_token(secret: str, project: str) -> str:
    """What goes into a project's hook as its signing token."""
    return "whsec_" + base64.b64encode(_signing_key(secret, project)).decode("ascii")


def payload_from(
    headers: Mapping[str, str], body: bytes, secret: str, now: Callable[[], float]
) -> dict[str, Any]:
    """The payload of a delivery whose sender proved itself; Unauthorised for any other.

    A signature, where one is sent, decides alone: a right token beside a wrong signature counts nothing.
    Without either nothing is read. The body says which project's token it must be.
    """
    if not any(headers.get(name) for name in _SHOWN):
        raise Unauthorised("the header X-Gitlab-Token is missing or wrong")
    for_all = _same(headers.get("x-gitlab-token", ""), secret)
    try:
        payload = parse(body, "webhook")
    except Invalid:
        if for_all and not headers.get("webhook-signature"):
            raise
        raise Unauthorised("the header X-Gitlab-Token is missing or wrong") from None
    project = _project(payload)
    if headers.get("webhook-signature"):
        _check_signature(headers, body, _signing_key(secret, project), now)
    elif not for_all and not _same(headers.get("x-gitlab-token", ""), project_token(secret, project)):
        raise Unauthorised("the header X-Gitlab-Token is missing, wrong, or another project's")
    return payload


def _check_signature(headers: Mapping[str, str], body: bytes, key: bytes, now: Callable[[], float]) -> None:
    identity, told = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not told.isascii() or not told.isdigit() or len(told) > 15:
        raise Unauthorised("a signed webhook needs the headers webhook-id and webhook-timestamp")
    meant = identity.encode("utf-8", "surrogateescape") + b"." + told.encode() + b"." + body
    right = "v1," + base64.b64encode(hmac.new(key, meant, hashlib.sha256).digest()).decode("ascii")
    given = headers["webhook-signature"].split()
    if not any(_same(one, right) for one in given):
        raise Unauthorised("the header webhook-signature is wrong, or another project's")
    if abs(now() - int(told)) > WINDOW_SECONDS:
        raise Unauthorised(
            f"the webhook was signed more than {WINDOW_SECONDS} s from now: a replay, or the clocks differ"
        )


def _signing_key(secret: str, project: str) -> bytes:
    return hmac.new(secret.encode(), f"gitlab-signing:{project}".encode(), hashlib.sha256).digest()


def _project(payload: dict[str, Any]) -> str:
    project = payload.get("project")
    path = project.get("path_with_namespace") if isinstance(project, dict) else None
    return path if isinstance(path, str) else ""


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode("utf-8"))
