"""Accounts as Jira Cloud has them: an opaque id, no user name."""

from __future__ import annotations

import uuid
from typing import Any

from jira820.store import JiraError

from sandbox.jira.workplace import NAMES
from sandbox.world import ACCOUNTS, MAIL_DOMAIN

Json = dict[str, Any]
_SIZES = ("16x16", "24x24", "32x32", "48x48")


def account_id(name: str) -> str:
    """The account's id: the same on every start, and telling nothing of the name."""
    return f"712020:{uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}.{MAIL_DOMAIN}')}"


IDS = {account_id(name): name for name in ACCOUNTS}


def name_of(identity: str) -> str:
    """Our name of an account; JiraError when nobody has the id."""
    if identity not in IDS:
        raise JiraError(404, "Specified user does not exist or you do not have required permissions")
    return IDS[identity]


def login_name(email: str) -> str:
    """The account that signs in with an address; empty when nobody has it."""
    name, _, domain = email.partition("@")
    return name if domain == MAIL_DOMAIN and name in ACCOUNTS else ""


def account(name: str, base: str) -> Json:
    """A person as Jira Cloud shows one inside other objects."""
    identity = account_id(name)
    picture = f"{base}/avatars/{identity}"
    return {
        "self": f"{base}/rest/api/3/user?accountId={identity}",
        "accountId": identity,
        "accountType": "atlassian",
        "emailAddress": f"{name}@{MAIL_DOMAIN}",
        "avatarUrls": {size: f"{picture}/{size}.png" for size in _SIZES},
        "displayName": NAMES[name],
        "active": True,
        "timeZone": "Asia/Shanghai",
    }
