"""Running git: one function for a call, one class for a bare repository's reading side."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""git knows this tree in every SHA-1 repository."""


class GitError(Exception):
    """git ended with another code than zero; the text is what it said."""


def environment(**more: str) -> dict[str, str]:
    """git's environment without anything of this machine's owner."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        **more,
    }


async def git(*arguments: str, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """git's standard output; GitError when it fails."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, complaint = await process.communicate(stdin)
    except asyncio.CancelledError:
        await kill(process)
        raise
    if process.returncode != 0:
        raise GitError(complaint.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed")
    return output


async def kill(process: asyncio.subprocess.Process) -> None:
    """End a process and take its leave; silent when it has ended."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()


@dataclass(frozen=True)
class Reference:
    """A branch or tag: short name, the commit it leads to, the tag object's id and message when annotated."""

    name: str
    commit: str
    target: str
    message: str


class Repository:
    """A bare repository, read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """git in this repository."""
        return await git(*arguments, cwd=self.path, stdin=stdin, env=env)

    async def text(self, *arguments: str) -> str:
        """git's output as text without the last line end."""
        return (await self.run(*arguments)).decode("utf-8", "replace").rstrip("\n")

    async def commit_of(self, revision: str) -> str | None:
        """The commit a branch, tag or SHA leads to; None when there is none."""
        if not revision or revision.startswith("-") or ".." in revision or "@{" in revision:
            return None
        whole = re.fullmatch("[0-9a-f]{40}", revision) is not None
        for candidate in (
            (revision,) if whole else (f"refs/heads/{revision}", f"refs/tags/{revision}", revision)
        ):
            try:
                return await self.text("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
            except GitError:
                continue
        return None

    async def reference(self, full: str) -> str | None:
        """What a full ref name points at; None when it does not exist."""
        try:
            return await self.text("rev-parse", "--verify", "--quiet", full)
        except GitError:
            return None

    async def references(self, folder: str) -> list[Reference]:
        """All refs below `refs/heads` or `refs/tags`, by name."""
        layout = "%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(contents)%01"
        output = await self.text("for-each-ref", f"--format={layout}", folder)
        found = []
        for entry in output.split("\x01"):
            if not entry.strip():
                continue
            name, target, peeled, text = entry.lstrip("\n").split("\0", 3)
            found.append(Reference(name, peeled or target, target, text.strip() if peeled else ""))
        return found

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether everything of the older commit is in the newer."""
        try:
            await self.run("merge-base", "--is-ancestor", older, newer)
        except GitError:
            return False
        return True

    async def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None for unrelated histories."""
        try:
            return await self.text("merge-base", one, other)
        except GitError:
            return None

    async def count(self, *revisions: str) -> int:
        """How many commits a range holds."""
        return int(await self.text("rev-list", "--count", *revisions, "--"))

    async def blob(self, commit: str, path: str) -> tuple[str, bytes] | None:
        """A file's blob id and bytes at a commit; None when it is not a file there."""
        entry = await self.entry(commit, path)
        if entry is None or entry[1] != "blob":
            return None
        return entry[2], await self.run("cat-file", "blob", entry[2])

    async def entry(self, commit: str, path: str) -> tuple[str, str, str] | None:
        """Mode, type and id of a path at a commit."""
        output = await self.run("--literal-pathspecs", "ls-tree", "-z", commit, "--", path)
        if not output:
            return None
        mode, kind, number = output.split(b"\t", 1)[0].decode().split()
        return mode, kind, number
