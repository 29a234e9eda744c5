"""Who may sign in, and what each may do in every project of the sandbox."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sandbox.world import ACCOUNTS, MAIL_DOMAIN, World

GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER = 10, 20, 30, 40, 50
"""GitLab's access levels."""

LEVELS = {
    "platform": MAINTAINER,
    "release_manager": DEVELOPER,
    "developer": DEVELOPER,
    "developer2": DEVELOPER,
    "administrator": OWNER,
}
"""Inherited by every project, as from a group; everybody else is a reporter. No person maintains: maintainers
merge into master, and what was delivered comes there by the platform."""


@dataclass(frozen=True)
class Account:
    """A signed-in person or service."""

    id: int
    username: str
    url: str

    @property
    def name(self) -> str:
        """The name people see."""
        return self.username.replace("_", " ").title()

    @property
    def email(self) -> str:
        """The account's mail address; merges carry it, so it is the one that the person is known by."""
        return f"{self.username}@{MAIL_DOMAIN}"

    @property
    def is_admin(self) -> bool:
        """Whether GitLab would show the admin area."""
        return self.username == "administrator"

    @property
    def level(self) -> int:
        """The access level in every project."""
        return LEVELS.get(self.username, REPORTER)

    def brief(self) -> dict[str, object]:
        """The user object that GitLab embeds in other objects."""
        return {
            "id": self.id,
            "username": self.username,
            "name": self.name,
            "state": "active",
            "locked": False,
            "avatar_url": None,
            "web_url": f"{self.url}/{self.username}",
        }

    def in_event(self) -> dict[str, object]:
        """The user object of a webhook's payload."""
        return {
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "avatar_url": None,
            "email": self.email,
        }


class Accounts:
    """All accounts of the world with their tokens, and the tokens of running pipeline jobs."""

    def __init__(self, world: World) -> None:
        url = world.url("gitlab")
        self.all = [Account(number, name, url) for number, name in enumerate(ACCOUNTS, start=1)]
        self._named = {account.username: account for account in self.all}
        self._tokens = {world.secret(f"gitlab.{account.username}"): account for account in self.all}
        self._jobs: dict[str, Account] = {}

    def named(self, username: str) -> Account | None:
        """An account by user name."""
        return self._named.get(username)

    def known(self, username: str) -> Account:
        """An account that is certain to exist."""
        return self._named[username]

    def by_id(self, number: int) -> Account | None:
        """An account by GitLab id."""
        return next((account for account in self.all if account.id == number), None)

    def by_token(self, token: str) -> Account | None:
        """The holder of an access token or of a running job's token."""
        for known, account in [*self._tokens.items(), *self._jobs.items()]:
            if hmac.compare_digest(known.encode(), token.encode()):
                return account
        return None

    def by_password(self, username: str, password: str) -> Account | None:
        """Basic credentials of git: own name, `oauth2` or `gitlab-ci-token`, with a token as password."""
        account = self.by_token(password)
        if account is None or username not in (account.username, "oauth2", "gitlab-ci-token"):
            return None
        return account

    def lend(self, token: str, account: Account) -> None:
        """Let a pipeline job act for the person who started it, until `end`."""
        self._jobs[token] = account

    def end(self, token: str) -> None:
        """A job's token is worth nothing after the job."""
        self._jobs.pop(token, None)
