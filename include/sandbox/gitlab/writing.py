"""Commits that the API itself makes: changed files and merges, straight in the bare repository."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.gitlab.accounts import Account
from sandbox.gitlab.git import GitError, Repository, git


class ConflictError(Exception):
    """The two sides change the same lines."""


class MovedError(Exception):
    """The branch is no longer where the change started from."""


@dataclass(frozen=True)
class FileChange:
    """One file's new content; None removes it."""

    path: str
    content: bytes | None
    executable: bool = False


def identity(account: Account, *, name: str = "", email: str = "") -> dict[str, str]:
    """git's environment for a commit made by this account on behalf of this author."""
    return {
        "GIT_AUTHOR_NAME": name or account.name,
        "GIT_AUTHOR_EMAIL": email or account.email,
        "GIT_COMMITTER_NAME": account.name,
        "GIT_COMMITTER_EMAIL": account.email,
    }


async def commit_files(
    repository: Repository, parent: str | None, changes: list[FileChange], message: str, who: dict[str, str]
) -> str:
    """A commit on top of the parent with these changes; the branch itself is not moved."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        if parent:
            await repository.run("read-tree", parent, env=index)
        for change in changes:
            if change.content is None:
                await repository.run("update-index", "--force-remove", "--", change.path, env=index)
                continue
            blob = await repository.run("hash-object", "-w", "--stdin", stdin=change.content)
            mode = "100755" if change.executable else "100644"
            entry = f"{mode},{blob.decode().strip()},{change.path}"
            await repository.run("update-index", "--add", "--cacheinfo", entry, env=index)
        tree = (await repository.run("write-tree", env=index)).decode().strip()
    parents = ("-p", parent) if parent else ()
    made = await repository.run("commit-tree", tree, *parents, "-F", "-", stdin=message.encode(), env=who)
    return made.decode().strip()


async def merge(repository: Repository, target: str, source: str, message: str, who: dict[str, str]) -> str:
    """A merge commit of two commits, always with two parents; ConflictError when git cannot."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        await repository.run("worktree", "add", "--quiet", "--detach", str(tree), target)
        try:
            await git("merge", "--quiet", "--no-ff", "--no-commit", source, cwd=tree, env=who)
            await git(
                "commit", "--quiet", "--no-verify", "-F", "-", cwd=tree, stdin=message.encode(), env=who
            )
            return (await git("rev-parse", "HEAD", cwd=tree)).decode().strip()
        except GitError as error:
            raise ConflictError(str(error)) from error
        finally:
            await repository.run("worktree", "remove", "--force", str(tree))


async def move(repository: Repository, ref: str, old: str, new: str) -> None:
    """Point a ref at another commit if it still is where it was; zeros mean `does not exist`."""
    try:
        await repository.run("update-ref", ref, new, old)
    except GitError as error:
        raise MovedError(f"{ref} is no longer at {old[:8]}") from error
