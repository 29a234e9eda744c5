"""Commits and differences as GitLab's API shows them."""

from __future__ import annotations

from sandbox.gitlab.git import EMPTY_TREE, Repository
from sandbox.gitlab.store import Document

LAYOUT = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x01"


def _time(text: str) -> str:
    """git's strict ISO time with the milliseconds GitLab adds."""
    return f"{text[:19]}.000{text[19:]}"


def _commit(entry: str, web_url: str) -> Document:
    number, parents, author, author_email, authored, committer, committer_email, committed, text = (
        entry.split("\0", 8)
    )
    text = text.rstrip("\n")
    return {
        "id": number,
        "short_id": number[:8],
        "created_at": _time(committed),
        "parent_ids": parents.split(),
        "title": text.split("\n", 1)[0],
        "message": text + "\n",
        "author_name": author,
        "author_email": author_email,
        "authored_date": _time(authored),
        "committer_name": committer,
        "committer_email": committer_email,
        "committed_date": _time(committed),
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{web_url}/-/commit/{number}",
    }


async def commits(
    repository: Repository, web_url: str, *selection: str, paths: tuple[str, ...] = ()
) -> list[Document]:
    """Commits that `git log` selects, newest first."""
    output = await repository.text("log", f"--format={LAYOUT}", *selection, "--", *paths)
    return [_commit(entry.lstrip("\n"), web_url) for entry in output.split("\x01") if entry.strip("\n")]


async def commit(repository: Repository, web_url: str, number: str) -> Document:
    """One commit, which must exist."""
    return (await commits(repository, web_url, "-1", number))[0]


async def stats(repository: Repository, number: str) -> Document:
    """Added and deleted lines of a commit against its first parent."""
    additions = deletions = 0
    for line in (
        await repository.text("diff", "--numstat", await before(repository, number), number)
    ).splitlines():
        added, deleted, _ = line.split("\t", 2)
        additions += 0 if added == "-" else int(added)
        deletions += 0 if deleted == "-" else int(deleted)
    return {"additions": additions, "deletions": deletions, "total": additions + deletions}


async def before(repository: Repository, number: str) -> str:
    """The first parent of a commit, or the empty tree."""
    parents = (await repository.text("rev-list", "--parents", "-1", number)).split()[1:]
    return parents[0] if parents else EMPTY_TREE


async def changed_paths(repository: Repository, number: str) -> dict[str, list[str]]:
    """Added, modified and removed paths of a commit, as a push event lists them."""
    output = await repository.run(
        "diff", "--name-status", "--no-renames", "-z", await before(repository, number), number
    )
    fields = output.decode("utf-8", "replace").split("\0")
    found: dict[str, list[str]] = {"added": [], "modified": [], "removed": []}
    for letter, path in zip(fields[0::2], fields[1::2], strict=False):
        found[{"A": "added", "D": "removed"}.get(letter, "modified")].append(path)
    return found


async def differences(repository: Repository, old: str, new: str) -> list[Document]:
    """Changed files between two commits, each with its unified diff."""
    raw = (await repository.run("diff", "-M", "--raw", "-z", "--full-index", old, new)).decode(
        "utf-8", "replace"
    )
    patch = (await repository.run("diff", "-M", "--no-color", "--no-ext-diff", old, new)).decode(
        "utf-8", "replace"
    )
    bodies = [_body(part) for part in ("\n" + patch).split("\ndiff --git ")[1:]]
    fields = iter(raw.split("\0"))
    found: list[Document] = []
    for head in fields:
        if not head.startswith(":"):
            continue
        old_mode, new_mode, _, _, status = head[1:].split()
        old_path = next(fields)
        new_path = next(fields) if status[0] in "RC" else old_path
        found.append(
            {
                "diff": bodies[len(found)],
                "new_path": new_path,
                "old_path": old_path,
                "a_mode": old_mode,
                "b_mode": new_mode,
                "new_file": status[0] == "A",
                "renamed_file": status[0] == "R",
                "deleted_file": status[0] == "D",
                "generated_file": False,
                "collapsed": False,
                "too_large": False,
            }
        )
    return found


def _body(part: str) -> str:
    """A file's patch from its first hunk on."""
    lines = part.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(("@@", "Binary files")):
            return "\n".join(lines[number:]).rstrip("\n") + "\n"
    return ""
