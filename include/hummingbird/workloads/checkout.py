"""One commit of a repository, by git over HTTP. The token travels in git's environment, never in argv."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Commit
from hummingbird.core.errors import Denied, Mismatch, NotFound, Unreachable
from hummingbird.workloads.mounted import GitlabAccess
from hummingbird.workloads.process import Ended, clean_environment, run

SECONDS = 300.0
_DENIED = (
    "Authentication failed",
    "could not read Username",
    "HTTP Basic: Access denied",
    "error: 403",
    "error: 401",
)
_MISSING = ("not our ref", "couldn't find remote ref", "unadvertised object", "not found", "error: 404")


@dataclass(frozen=True)
class Checkout:
    """A work tree at one commit."""

    folder: Path
    home: Path
    commit: Commit

    def files(self) -> list[str]:
        """All regular files of the commit; links are left out, what they point to is a file of its own."""
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", self.commit)
        entries = [entry.partition("\t") for entry in listed.split("\0") if entry]
        return sorted(name for mode, _, name in entries if mode.startswith("100"))

    def changed_since(self, base: Commit) -> list[str]:
        """Regular files that differ from the base commit and still exist."""
        listed = self.git(
            "diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", base, self.commit, "--"
        )
        changed = {name for name in listed.split("\0") if name}
        return [name for name in self.files() if name in changed]

    def git(self, *arguments: str) -> str:
        """A local git command's output; it reads neither user settings nor hooks."""
        target = self.home / "git.out"
        environment = clean_environment(self.home, _QUIET)
        ended = run(
            ["git", *_SETTINGS, *arguments], cwd=self.folder, env=environment, seconds=SECONDS, stdout=target
        )
        _check(ended, arguments[0])
        return target.read_text("utf-8", "surrogateescape")


_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ALLOW_PROTOCOL": "http:https",
}
_SETTINGS = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "http.followRedirects=false",
    "-c",
    "core.quotePath=false",
)


def fetch(access: GitlabAccess, project: str, commit: Commit, base: Commit | None, scratch: Path) -> Checkout:
    """Fetch the commit (and the base, when there is one to compare with) and check it out.

    Raises NotFound, Denied or Unreachable as the server does, Mismatch when git ends up elsewhere.
    """
    folder, home = scratch / "checkout", scratch / "git-home"
    folder.mkdir()
    home.mkdir()
    checkout = Checkout(folder, home, commit)
    checkout.git("init", "--quiet", ".")
    wanted = [commit] if base is None else [commit, base]
    Retrying().run(lambda: _fetch(checkout, access, project, wanted), again=True)
    checkout.git("checkout", "--quiet", "--detach", commit, "--")
    head = checkout.git("rev-parse", "HEAD").strip()
    if head != commit:
        raise Mismatch(f"{project}: asked for commit {commit}, git checked out {head}")
    return checkout


def _fetch(checkout: Checkout, access: GitlabAccess, project: str, wanted: list[Commit]) -> None:
    url = f"{access.url.rstrip('/')}/{quote(project)}.git"
    secret = base64.b64encode(f"{access.user}:{access.token}".encode()).decode("ascii")
    environment = {
        **_QUIET,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{access.url.rstrip('/')}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
    }
    ended = run(
        ["git", *_SETTINGS, "fetch", "--quiet", "--no-tags", "--depth=1", "--", url, *wanted],
        cwd=checkout.folder,
        env=clean_environment(checkout.home, environment),
        seconds=SECONDS,
    )
    _check(ended, f"fetch of {project}")


def _check(ended: Ended, what: str) -> None:
    if ended.code == 0 and ended.in_time:
        return
    if not ended.in_time:
        raise Unreachable(f"git {what} took more than {SECONDS:.0f} s")
    said = " ".join(ended.err.split())[-400:]
    if any(sign in said for sign in _DENIED):
        raise Denied(f"git {what}: {said}")
    if any(sign in said for sign in _MISSING):
        raise NotFound(f"git {what}: {said}")
    raise Unreachable(f"git {what} ended with {ended.code}: {said}")
