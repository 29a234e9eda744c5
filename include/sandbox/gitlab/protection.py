"""Which branches are protected, and who may push to or merge into them."""

from __future__ import annotations

import fnmatch

from sandbox.gitlab.accounts import DEVELOPER, MAINTAINER
from sandbox.gitlab.store import Document, Store

DEFAULTS = (
    ("master", MAINTAINER, MAINTAINER),
    ("develop", MAINTAINER, DEVELOPER),
    ("release/*", DEVELOPER, DEVELOPER),
)
"""Name, push level, merge level that every new project starts with: developers cut release branches and merge
into develop; nobody rewrites or deletes any of them by push."""

WORDS = {0: "No one", DEVELOPER: "Developers + Maintainers", MAINTAINER: "Maintainers"}


def protect(store: Store, project: int, name: str, push: int, merge: int, *, force: bool = False) -> Document:
    """Keep a rule; DuplicateError when the name is protected already."""
    return store.add(
        "protected_branch",
        {"name": name, "push": push, "merge": merge, "allow_force_push": force},
        project=project,
        key=name,
    )


def rules_for(store: Store, project: int, branch: str) -> list[Document]:
    """The rules that a branch name falls under."""
    return [
        rule
        for rule in store.list("protected_branch", project=project)
        if fnmatch.fnmatchcase(branch, rule["name"].replace("[", "[[]").replace("?", "[?]"))
    ]


def may_push(rules: list[Document], level: int) -> bool:
    """Whether a level may push: of several rules the most permissive counts, as in GitLab."""
    return level >= DEVELOPER and (not rules or any(rule["push"] and level >= rule["push"] for rule in rules))


def may_merge(rules: list[Document], level: int) -> bool:
    """Whether a level may merge into a branch under these rules."""
    return level >= DEVELOPER and (
        not rules or any(rule["merge"] and level >= rule["merge"] for rule in rules)
    )


def view(rule: Document) -> Document:
    """The API's protected branch."""

    def access(level: int) -> list[Document]:
        return [
            {"id": rule["id"], "access_level": level, "access_level_description": WORDS.get(level, "Owners")}
        ]

    return {
        "id": rule["id"],
        "name": rule["name"],
        "push_access_levels": access(rule["push"]),
        "merge_access_levels": access(rule["merge"]),
        "allow_force_push": rule["allow_force_push"],
        "code_owner_approval_required": False,
    }
