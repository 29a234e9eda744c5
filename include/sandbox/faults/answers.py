"""The answers that faults give instead of a system's own, in that system's shape."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from sandbox.faults.rule import Rule
from sandbox.world import CLUSTERS

HEADER = "X-Sandbox-Fault"
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>\n"


def label(rule: Rule) -> str:
    """What marks an injected fault in logs and answers."""
    return f"{rule.id} {rule.kind}"


def instead(rule: Rule) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer that the fault makes up."""
    headers = {HEADER: label(rule), "Cache-Control": "no-store"}
    if rule.kind == "html":
        return 200, headers | _TYPES["html"], _PAGE.format("Sign in", _told(rule)).encode()
    if rule.kind == "watch_gone":
        problem = _status(410, f"too old resource version ({_told(rule)})", "Expired")
        body = json.dumps({"type": "ERROR", "object": problem}).encode() + b"\n"
        return 200, headers | _TYPES["json"], body
    status = 429 if rule.kind == "throttle" else int(rule.settings["status"])
    asked = float(rule.settings["retry_after"])
    if asked >= 0:
        dated = rule.settings["retry_date"]
        headers["Retry-After"] = formatdate(time.time() + asked, usegmt=True) if dated else f"{asked:.0f}"
    form = str(rule.settings.get("body", "json"))
    if form == "json":
        document = _document(rule.system, status, _told(rule))
        return status, headers | _TYPES["json"], json.dumps(document).encode()
    page = _PAGE.format(f"{status} {_phrase(status)}", _told(rule)) if form == "html" else ""
    return status, headers | _TYPES["html"], page.encode()


_TYPES = {
    "json": {"Content-Type": "application/json"},
    "html": {"Content-Type": "text/html; charset=utf-8"},
}


def _told(rule: Rule) -> str:
    return f"injected fault {rule.id}: {rule.kind}"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def _document(system: str, status: int, told: str) -> Any:
    if system in CLUSTERS:
        return _status(status, told, "TooManyRequests" if status == 429 else "ServiceUnavailable")
    if system == "jira":
        return {"errorMessages": [told], "errors": {}}
    if system == "harbor":
        return {"errors": [{"code": _phrase(status).upper().replace(" ", "_"), "message": told}]}
    if system == "artifactory":
        return {"errors": [{"status": status, "message": told}]}
    if system.startswith("apollo"):
        return {"timestamp": "", "status": status, "message": told, "exception": ""}
    return {"message": told}


def _status(code: int, message: str, reason: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
