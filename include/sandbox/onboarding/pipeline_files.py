"""A team's .gitlab-ci.yml with the files of the checkout that it includes, merged as GitLab merges them.

GitLab's "Use CI/CD configuration from other files": paths from the repository's root, `*` for anything but a
slash and `**` for anything, what is nested first, the including file over the included, 150 files at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Protocol

import yaml

from sandbox.onboarding.refusal import CannotJoin

FILE = ".gitlab-ci.yml"
MOST_INCLUDES = 150


class Files(Protocol):
    """The commit's files; `text` is empty for what is none, and for a link that leads out."""

    def files(self) -> list[str]:
        """Every file by its path."""

    def text(self, name: str) -> str:
        """A file's text."""


class Reference(list[Any]):
    """GitLab's own tag `!reference`: the path to what stands elsewhere."""


@dataclass
class Pipeline:
    """The whole configuration, and which file said each word of it last."""

    content: dict[str, Any] = field(default_factory=dict)
    said_in: dict[tuple[str, str], str] = field(default_factory=dict)
    """By top-level word and keyword below it; by an empty keyword for the word itself."""

    def take(self, name: str, content: dict[str, Any]) -> None:
        """Merge a file over what came before it."""
        self.content = merged(self.content, content)
        for word, value in content.items():
            for keyword in ("", *(value if isinstance(value, dict) else ())):
                self.said_in[str(word), str(keyword)] = name


class _Loader(yaml.SafeLoader):
    """Knows `!reference`."""


def _reference(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    if not isinstance(node, yaml.SequenceNode):
        raise yaml.constructor.ConstructorError(None, None, "!reference needs a list", node.start_mark)
    return Reference(loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


def read_pipeline(files: Files) -> Pipeline:
    """The team's pipeline; CannotJoin names the file that is missing, broken, outside or in a circle."""
    pipeline, names = Pipeline(), files.files()
    read = 0

    def follow(name: str, way: tuple[str, ...]) -> None:
        nonlocal read
        if name in way:
            circle = " → ".join([*way[way.index(name) :], name])
            raise CannotJoin(f"{way[-1]}: include: {name} comes back to itself ({circle}); take one line out")
        read += 1
        if read > MOST_INCLUDES + 1:
            raise CannotJoin(f"{FILE}: more than {MOST_INCLUDES} files are included, which GitLab refuses")
        content = _content(files, name)
        for entry in _entries(content.get("include")):
            for inner in _included(name, entry, names):
                follow(inner, (*way, name))
        pipeline.take(name, content)

    follow(FILE, ())
    return pipeline


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """A deep merge: maps are joined at any depth, everything else is replaced."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def _content(files: Files, name: str) -> dict[str, Any]:
    text = files.text(name)
    if not text.strip():
        raise CannotJoin(
            f"{name}: it is empty, or a link that leads out of the repository; put its jobs here"
        )
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with one tag more
    except yaml.YAMLError as error:
        raise CannotJoin(f"{name}: not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict):
        raise CannotJoin(f"{name}: expected jobs, found {type(content).__name__}; add a job with a script")
    return content


def _entries(include: Any) -> list[Any]:
    return include if isinstance(include, list) else [include] if include else []


def _included(name: str, entry: Any, names: Sequence[str]) -> list[str]:
    path = _local(name, entry)
    said = f"{name}: include: {path}"
    if "$" in path:
        raise CannotJoin(f"{said} names a variable, which has no value before a pipeline runs; write it out")
    if path.startswith("./") or ".." in PurePosixPath(path).parts:
        raise CannotJoin(f"{said}: a path begins at the repository's root and leads out of no folder")
    wanted = path.lstrip("/")
    if "*" in wanted:
        # By GitLab's rule, which is not the shell's: `**` is also part of a name.
        pattern = re.escape(wanted).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        found = [one for one in names if re.fullmatch(pattern, one)]
    else:
        found = [wanted] if wanted in names else []
    if not found:
        raise CannotJoin(f"{said} is no file of the repository; add it, or take the line out")
    for one in found:
        if not one.endswith((".yml", ".yaml")):
            raise CannotJoin(f"{said}: {one} ends neither in .yml nor in .yaml, which GitLab asks for")
    return found


def _local(name: str, entry: Any) -> str:
    """The path of an entry that is here; rules of it are not asked: what they may bring is judged."""
    if isinstance(entry, str) and not re.match(r"https?:", entry):
        return entry
    if isinstance(entry, dict) and isinstance(entry.get("local"), str):
        unknown = sorted(set(map(str, entry)) - {"local", "rules"})
        if unknown:
            raise CannotJoin(
                f"{name}: include: {entry['local']} comes with {', '.join(unknown)}, which is not filled in "
                "here; write the values into the file"
            )
        return str(entry["local"])
    raise CannotJoin(
        f"{name}: include: {' '.join(str(entry).split())[:80]} lies outside of the repository; copy its jobs "
        "into a file here and include that with `local:`"
    )
