"""The lines of a pip requirement file, split as pip splits them; what is not understood is a problem.

pip's own reader is no library. The options are parsed by the module that pip uses, so that abbreviations mean
the same; an option that is not listed here, such as `--no-require-hashes`, is a problem and not passed over.
"""

from __future__ import annotations

import optparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from hummingbird.scanners.declared.problem import NOT_READ, Problem

_COMMENT = re.compile(r"(^|\s+)#.*$")
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_LISTS = {
    "files": ("-r", "--requirement"),
    "constraints": ("-c", "--constraint"),
    "editables": ("-e", "--editable"),
    "extra_indexes": ("--extra-index-url",),
    "folders": ("-f", "--find-links"),
    "trusted_hosts": ("--trusted-host",),
    "no_binary": ("--no-binary",),
    "hashes": ("--hash",),
    "harmless": ("--only-binary", "--all-releases", "--only-final", "--use-feature"),
    "settings": ("-C", "--config-setting", "--config-settings"),
}
_FLAGS = {
    "no_index": "--no-index",
    "prefer": "--prefer-binary",
    "pre": "--pre",
    "checked": "--require-hashes",
}


@dataclass(frozen=True)
class Line:
    """One logical line: a requirement as written, or options; `number` is its first line in the file."""

    path: str
    number: int
    requirement: str = ""
    editable: bool = False
    hashes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    no_index: bool = False

    def problem(self, rule: str, says: str) -> Problem:
        """A problem of this line."""
        return Problem(self.path, self.number, rule, says)


class _Misread(Exception):
    """optparse's way to say no, without its exit."""


class _Options(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise _Misread(msg)


def read_lines(path: str, content: bytes) -> tuple[list[Line], list[Problem]]:
    """The lines of one file, and a problem for each that pip might read in another way than we do."""
    try:
        text = _text(content)
    except UnicodeError as error:
        return [], [Problem(path, 1, NOT_READ, f"is not read: {error}; keep it as plain UTF-8")]
    lines, problems = [], []
    for number, line in _logical(text):
        try:
            lines.append(_line(path, number, line))
        except (_Misread, ValueError) as error:
            says = f"`{line[:80]}` is not understood ({error}); write one requirement or option of pip a line"
            problems.append(Problem(path, number, NOT_READ, says))
    return lines, problems


def _text(content: bytes) -> str:
    for line in content.split(b"\n")[:2]:
        told = _CODING.search(line) if line.startswith(b"#") else None
        if told and told[1].lower() not in (b"utf-8", b"utf8", b"ascii"):
            raise UnicodeError(f"it says to be {told[1].decode('ascii', 'replace')}")
    return content.decode("utf-8-sig")


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines that end in a backslash joined, comments and empty ones left out: pip's order of steps."""
    began, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        began = began if parts else number
        if line.endswith("\\") and not _COMMENT.match(line):
            parts.append(line.strip("\\"))
            continue
        parts.append(f" {line}" if _COMMENT.match(line) else line)
        yield from _kept(began, parts)
        parts = []
    yield from _kept(began, parts)


def _kept(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = _COMMENT.sub("", "".join(parts)).strip()
    if line:
        yield number, line


def _line(path: str, number: int, line: str) -> Line:
    words = line.split(" ")
    first = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
    requirement, options = " ".join(words[:first]).strip(), shlex.split(" ".join(words[first:]))
    told, rest = _parser().parse_args(options)
    if rest:
        raise _Misread(f"{rest[0]} stands behind an option")
    lists: dict[str, list[str]] = {name: getattr(told, name) or [] for name in _LISTS}
    if lists["editables"] and (requirement or len(lists["editables"]) > 1):
        raise _Misread("one line has two requirements")
    requirement = requirement or "".join(lists["editables"])
    named = [requirement, *lists["files"], *lists["constraints"], *lists["folders"]]
    if any("${" in one for one in named):
        raise _Misread("what it names depends on a variable")
    return Line(
        path=path,
        number=number,
        requirement=requirement,
        editable=bool(lists["editables"]),
        hashes=tuple(lists["hashes"]),
        files=tuple(lists["files"]),
        constraints=tuple(lists["constraints"]),
        indexes=(*((told.index,) if told.index else ()), *lists["extra_indexes"]),
        folders=tuple(lists["folders"]),
        trusted_hosts=tuple(lists["trusted_hosts"]),
        no_index=bool(told.no_index),
    )


def _parser() -> _Options:
    parser = _Options(add_help_option=False, usage="")
    parser.add_option("-i", "--index-url", "--pypi-url", dest="index")
    for name, strings in _LISTS.items():
        parser.add_option(*strings, dest=name, action="append")
    for name, flag in _FLAGS.items():
        parser.add_option(flag, dest=name, action="store_true")
    return parser
