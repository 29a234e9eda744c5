"""The two service tokens, compared in constant time."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field


class Unauthorised(Exception):
    """No valid token came with the request."""


@dataclass(frozen=True)
class Tokens:
    """Who may call: Airflow's tasks, and readers that may only GET."""

    tasks: str = field(repr=False)
    reader: str = field(repr=False)

    def role_of(self, token: str) -> str:
        """`tasks` or `reader`; Unauthorised for any other token."""
        given = token.encode("utf-8")
        found = None
        for role, expected in (("tasks", self.tasks), ("reader", self.reader)):
            if hmac.compare_digest(given, expected.encode("utf-8")):
                found = role
        if found is None:
            raise Unauthorised("this token is not one of the notary's")
        return found
