"""Immutable tag rules: which existing tags may neither move nor go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from sandbox.harbor.database import Database


def is_immutable(database: Database, project_id: int, repository: str, tag: str) -> bool:
    """Whether an enabled rule of the project covers a tag of a (fully named) repository."""
    name = repository.partition("/")[2]
    rules = database.rows("SELECT body FROM immutable_rule WHERE project_id = ?", project_id)
    for rule in (json.loads(row["body"]) for row in rules):
        scopes = rule.get("scope_selectors", {}).get("repository", [])
        if rule.get("disabled"):
            continue
        if _selected(scopes, name, "repoMatches") and _selected(rule["tag_selectors"], tag, "matches"):
            return True
    return False


def _selected(selectors: Iterable[Mapping[str, str]], value: str, positive: str) -> bool:
    return all(
        matches(selector["pattern"], value) == (selector["decoration"] == positive) for selector in selectors
    )


def matches(pattern: str, value: str) -> bool:
    """Harbor's `doublestar` patterns: ** for anything, * within a path part, ?, {a,b}."""
    expression = ""
    for token in re.findall(r"\*\*|[*?{},]|[^*?{},]+", pattern):
        expression += _TOKENS.get(token) or re.escape(token)
    return re.fullmatch(expression, value) is not None


_TOKENS = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
