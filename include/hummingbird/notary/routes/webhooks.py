"""GitLab's webhooks."""

from __future__ import annotations

import hmac
import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from hummingbird.core.errors import Invalid
from hummingbird.notary.access import AnOffice
from hummingbird.notary.office import Office
from hummingbird.notary.receiving import receive
from hummingbird.notary.strict_json import parse
from hummingbird.notary.tokens import Unauthorised

router = APIRouter()

_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{8,200}")


@router.post("/webhooks/gitlab", status_code=202)
async def gitlab(office: AnOffice, request: Request) -> dict[str, Any]:
    """Record a delivery, once, and start what it asks for, once: 202; 401 without the token."""
    given = request.headers.get("x-gitlab-token", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, office.webhook_token.encode("utf-8")):
        raise Unauthorised("the header X-Gitlab-Token is missing or wrong")
    delivery = _delivery(request)
    payload = parse(await request.body(), "webhook")
    return await run_in_threadpool(_receive, office, delivery, payload)


def _receive(office: Office, delivery: str, payload: dict[str, Any]) -> dict[str, Any]:
    catalogue = office.policy.current()
    with office.writing() as connection:
        answer = receive(connection, catalogue, delivery, payload)
    if "run" in answer:
        office.wake()
    return answer


def _delivery(request: Request) -> str:
    """What names the delivery: the same on GitLab's own retries.

    `X-Gitlab-Event-UUID` comes second: hooks that a hook's effects set off share it.
    """
    headers = request.headers
    name = headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid") or ""
    if not _DELIVERY.fullmatch(name):
        raise Invalid("webhook: the header Idempotency-Key or X-Gitlab-Event-UUID is missing or malformed")
    return name
