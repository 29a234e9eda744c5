"""Webhooks: GitLab's, which start runs, and Jira's, which hint at answers."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from hummingbird.core.errors import Invalid
from hummingbird.notary.access import AnOffice
from hummingbird.notary.hook_senders import payload_from
from hummingbird.notary.issue_answers import take_from_issue
from hummingbird.notary.jira_hook import issue_of
from hummingbird.notary.office import Office
from hummingbird.notary.prompt import Unusable
from hummingbird.notary.receiving import receive

router = APIRouter()

_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{8,200}")


@router.post("/webhooks/gitlab", status_code=202)
async def gitlab(office: AnOffice, request: Request) -> dict[str, Any]:
    """Record a delivery, once, and start what it asks for, once: 202; 401 when GitLab did not send it."""
    return await run_in_threadpool(_receive, office, request, await request.body())


@router.post("/webhooks/jira", status_code=202)
async def jira(office: AnOffice, request: Request) -> dict[str, Any]:
    """Read one issue back, and record the answer that it holds: 202; 401 when Jira did not send it."""
    return await run_in_threadpool(_read_back, office, request, await request.body())


def _read_back(office: Office, request: Request, body: bytes) -> dict[str, Any]:
    secret = office.messengers.hook_secret
    issue = issue_of(request.headers.get("x-hub-signature"), body, secret)
    taken = take_from_issue(office, issue)
    if taken is None:
        return {"ignored": f"{issue} holds no new answer"}
    return {"refused": taken.why} if isinstance(taken, Unusable) else {"recorded": taken.id}


def _receive(office: Office, request: Request, body: bytes) -> dict[str, Any]:
    payload = payload_from(request.headers, body, office.webhook_token, office.moment)
    delivery = _delivery(request)
    catalogue = office.policy.current()
    with office.writing() as connection:
        answer = receive(connection, catalogue, delivery, payload)
    if "run" in answer:
        office.wake()
    return answer


def _delivery(request: Request) -> str:
    """What names the delivery: the same on GitLab's own retries.

    Of a signed one the signed name. `X-Gitlab-Event-UUID` comes last: hooks that a hook's effects set off
    share it.
    """
    headers = request.headers
    signed = headers.get("webhook-id") if headers.get("webhook-signature") else None
    name = signed or headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid") or ""
    if not _DELIVERY.fullmatch(name):
        raise Invalid("webhook: the header Idempotency-Key or X-Gitlab-Event-UUID is missing or malformed")
    return name
