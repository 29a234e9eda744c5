"""Reads a story's work from its YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.seed.stories.edits import Append, BumpMinor, Edit, Replace, SortedLine, Write, insert_before
from sandbox.seed.stories.work import Commit, StoryWork


def read_work(key: str, path: Path) -> StoryWork:
    """The work in a file; KeyError names what is missing in it."""
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return StoryWork(
        key=key,
        title=data["title"],
        description=data["description"],
        branch=data["branch"],
        commits=[_commit(entry) for entry in data["commits"]],
        fails_in=data.get("fails_in", ""),
    )


def read_mend(key: str, path: Path) -> StoryWork:
    """What is done after a version failed; LookupError for a story that has no such need."""
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    if "mend" not in data:
        raise LookupError(f"{key} needs no mending")
    mend = data["mend"]
    commits = [_commit(entry) for entry in mend["commits"]]
    return StoryWork(key, data["title"], data["description"], mend["branch"], commits)


def _commit(entry: dict[str, Any]) -> Commit:
    edits: list[Edit] = [Write(file, text) for file, text in entry.get("write", {}).items()]
    edits += [Replace(**one) for one in entry.get("replace", [])]
    edits += [SortedLine(**one) for one in entry.get("sorted", [])]
    edits += [insert_before(one["file"], one["before"], one["text"]) for one in entry.get("insert", [])]
    edits += [Append(file, text) for file, text in entry.get("append", {}).items()]
    if entry.get("bump") == "minor":
        edits.append(BumpMinor())
    return Commit(entry["message"], edits)
