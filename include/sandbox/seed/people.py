"""Under which name and address a person commits."""

from __future__ import annotations

from sandbox.jira.workplace import NAMES
from sandbox.world import MAIL_DOMAIN


def author(user: str) -> tuple[str, str]:
    """Name and mail address of an account, as its commits carry them."""
    return NAMES[user], f"{user}@{MAIL_DOMAIN}"
