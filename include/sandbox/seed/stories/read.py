"""Reads a story's work, and the mistakes that a version may be given, from YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.seed.stories.edits import Append, BumpMinor, Edit, Replace, SortedLine, Write, insert_before
from sandbox.seed.stories.work import Commit, Mistake, StoryWork


def read_works(key: str, path: Path) -> list[StoryWork]:
    """The work in a file, one a component; KeyError names what is missing in it."""
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return [
        StoryWork(
            key=key,
            title=data["title"],
            description=data["description"],
            component=component,
            branch=entry["branch"],
            commits=[_commit(one) for one in entry["commits"]],
        )
        for component, entry in data["components"].items()
    ]


def read_mistake(name: str, path: Path) -> Mistake:
    """A mistake and what is done about it."""
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return Mistake(
        name=name,
        component=data["component"],
        commits=[_commit(one) for one in data["commits"]],
        mend=[_commit(one) for one in data["mend"]],
    )


def _commit(entry: dict[str, Any]) -> Commit:
    edits: list[Edit] = [Write(file, text) for file, text in entry.get("write", {}).items()]
    edits += [Replace(**one) for one in entry.get("replace", [])]
    edits += [SortedLine(**one) for one in entry.get("sorted", [])]
    edits += [insert_before(one["file"], one["before"], one["text"]) for one in entry.get("insert", [])]
    edits += [Append(file, text) for file, text in entry.get("append", {}).items()]
    if entry.get("bump") == "minor":
        edits.append(BumpMinor())
    return Commit(entry["message"], edits)
