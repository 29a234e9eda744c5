"""Asking every route as every role: one request, and whether the caller was let through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests
from itsdangerous import URLSafeSerializer

from unit.orchestration.airflow.scene import DRAWN, PASSWORD, ApiServer

NOBODY = "nobody"
ACCOUNTS = {
    "Developer": "developer",
    "Approver": "compliance",
    "ReleaseManager": "release_manager",
    "Operations": "operations",
    "Auditor": "auditor",
    "Platform": "platform",
    "Admin": "administrator",
}
"""Role → an account that has it; the one that may everything comes last, for what it asks for happens."""
CALLERS = (NOBODY, *ACCOUNTS)
FILE = {"bundle_name": "dags-folder", "relative_fileloc": "prod_deploy.py"}
WORDS = {
    "file_token": URLSafeSerializer(DRAWN).dumps(FILE),
    "section": "core",
    "option": "executor",
    "name": "copyrole",
    "pk": "999999",
}
NUMBERS = re.compile(r"sequence|\w*(number|index)|(asset|asset_alias|backfill|event_log|import_error)_id")
_DELETE = {"actions": [{"action": "delete", "entities": ["x"], "action_on_non_existence": "skip"}]}
_MARK = {
    "action": "update",
    "entities": [{"dag_run_id": "x", "state": "success"}],
    "action_on_non_existence": "skip",
}
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/v2/connections": _DELETE,
    "PATCH /api/v2/pools": _DELETE,
    "PATCH /api/v2/variables": _DELETE,
    "PATCH /api/v2/dags/{dag_id}/dagRuns": {"actions": [_MARK]},
    "POST /api/v2/dags/{dag_id}/clearDagRuns": {"dry_run": True, "dag_runs": [{"dag_run_id": "x"}]},
    "POST /api/v2/connections/enqueue-test": {"connection_id": "x", "conn_type": "http"},
}
"""Where the body decides who may: a body that asks for something."""


class Callers:
    """One client a role, signed in by token and in FAB's own pages."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._tokens = {role: server.token(account) for role, account in ACCOUNTS.items()}
        self._pages = {role: signed_in(server, ACCOUNTS.get(role)) for role in CALLERS}

    def close(self) -> None:
        """Close all connections."""
        for session, _ in self._pages.values():
            session.close()

    def allowed(self, caller: str, route: str, path: str) -> tuple[bool, str]:
        """Whether the caller gets beyond the door of `METHOD /path`, and the answer in words."""
        method, _, template = route.partition(" ")
        url = self._server.url + _filled(template, path)
        if _is_page(template):
            session, secret = self._pages[caller]
            form = None if method == "GET" else {"csrf_token": secret, "action": "copyrole", "rowid": "1"}
            answer = session.request(method, url, data=form, allow_redirects=False, timeout=60)
        else:
            body = None if method == "GET" else BODIES.get(route, {"dag_id": path})
            answer = requests.request(
                method, url, json=body, headers=self._bearer(caller), allow_redirects=False, timeout=60
            )
        where = answer.headers.get("Location", "")
        turned_away = answer.is_redirect and ("/auth/login/?next=" in where or where == ".")
        return answer.status_code not in (
            401,
            403,
        ) and not turned_away, f"{answer.status_code} {where}".strip()

    def _bearer(self, caller: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._tokens[caller]}"} if caller != NOBODY else {}


def _is_page(template: str) -> bool:
    """Whether Flask serves it: signed in by a session."""
    return template.startswith("/auth/") and not template.startswith(("/auth/fab/", "/auth/token"))


def signed_in(server: ApiServer, account: str | None) -> tuple[requests.Session, str]:
    """A browser's session in FAB's pages, and the secret of its forms; nobody's without an account."""
    session = requests.Session()
    page = session.get(f"{server.url}/auth/login/", timeout=60).text
    secret = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    if account:
        form = {"username": account, "password": PASSWORD, "csrf_token": secret}
        answer = session.post(f"{server.url}/auth/login/", data=form, allow_redirects=False, timeout=60)
        assert answer.is_redirect, answer.text
    return session, secret


def _filled(template: str, path: str) -> str:
    def word(match: re.Match[str]) -> str:
        name = match[1].split(":")[0]
        if name == "dag_id":
            return path
        return WORDS.get(name, "1" if NUMBERS.fullmatch(name) else "x")

    bare = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", template)
    return re.sub(r"\{([^}]+)\}", word, bare)
