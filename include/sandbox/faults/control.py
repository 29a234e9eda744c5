"""`/_faults` on every stand-in: GET lists, POST sets, DELETE clears; for the administrator's secret alone.

`POST /_faults` takes a rule (`rule.py`; without `system` it is for the stand-in that is asked) and answers it
with its number. `DELETE /_faults/3` clears one, `DELETE /_faults?system=harbor` those of a system, `DELETE
/_faults` all. Secret: `Authorization: Bearer <secret "faults.control" of the world>`.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from sandbox.faults.book import Book
from sandbox.faults.rule import FaultError, rule
from sandbox.world import World

PATH = "/_faults"
SECRET = "faults.control"  # noqa: S105 - the name of a secret, not one


class Control:
    """The routes, whatever serves them."""

    def __init__(self, world: World, book: Book, system: str) -> None:
        self._world, self._book, self._system = world, book, system

    def is_for(self, path: str) -> bool:
        """Whether a path is one of these routes."""
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(
        self, method: str, path: str, query: Mapping[str, str], authorization: str, body: bytes
    ) -> tuple[int, Any]:
        """Status and document."""
        wanted = f"Bearer {self._world.secret(SECRET)}"
        if not hmac.compare_digest(authorization.encode(), wanted.encode()):
            return 401, {"message": "faults are set with the administrator's secret faults.control"}
        number = path.removeprefix(PATH).strip("/")
        if method == "GET":
            return 200, [each.document() for each in self._book.rules(query.get("system", ""))]
        if method == "DELETE" and (not number or number.isdigit()):
            return 200, {"cleared": self._book.clear(int(number or 0), query.get("system", ""))}
        if method != "POST" or number:
            return 405, {"message": f"{method} {path}: GET, POST and DELETE {PATH}, DELETE {PATH}/<number>"}
        try:
            document = json.loads(body)
            if not isinstance(document, dict):
                raise FaultError("expected a JSON object")
            return 201, self._book.add(rule(document, self._system)).document()
        except (ValueError, TypeError) as error:
            return 422, {"message": str(error)}
