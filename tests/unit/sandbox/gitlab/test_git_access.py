"""Clone, fetch and push with the real git."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unit.sandbox.gitlab.gitlab_world import Clone, Running


def test_a_pushed_commit_comes_back_with_a_clone(running: Running, maintainer: Clone, tmp_path: Path) -> None:
    commit = maintainer.git("rev-parse", "HEAD").stdout
    other = Clone(tmp_path / "other", running.remote("auditor"))
    other.git("fetch", "--quiet", "origin")
    assert other.git("rev-parse", "origin/master").stdout == commit


def test_a_large_push_is_streamed_both_ways(running: Running, developer: Clone, tmp_path: Path) -> None:
    import random

    content = random.Random(1).randbytes(3_000_000)
    (developer.folder / "large.bin").write_bytes(content)
    developer.commit("large", {})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    other = Clone(tmp_path / "other", running.remote("developer2"))
    other.git("fetch", "--quiet", "origin", "feature/HB-101")
    other.git("checkout", "--quiet", "FETCH_HEAD")
    assert (other.folder / "large.bin").read_bytes() == content


def test_oauth2_is_a_user_name_for_a_token(running: Running, maintainer: Clone) -> None:
    remote = running.remote("platform").replace("//platform:", "//oauth2:")
    assert "refs/heads/develop" in maintainer.git("ls-remote", remote).stdout


@pytest.mark.parametrize("credentials", ["", "developer:wrong@", "nobody:wrong@"])
def test_without_a_known_token_git_is_refused(running: Running, maintainer: Clone, credentials: str) -> None:
    remote = f"http://{credentials}127.0.0.1:{running.world.port('gitlab')}/trading/order-gateway.git"
    assert maintainer.git("ls-remote", remote, check=False).returncode != 0


def test_another_persons_token_does_not_fit_a_name(running: Running, maintainer: Clone) -> None:
    remote = running.remote("platform").replace("//platform:", "//developer:")
    assert maintainer.git("ls-remote", remote, check=False).returncode != 0


def test_a_developer_pushes_feature_hotfix_and_release_branches(developer: Clone) -> None:
    developer.commit("feat: 限价", {"src/app.py": "print('two')\n"})
    for branch in ("feature/HB-101", "hotfix/HB-9", "release/1.1.0"):
        developer.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")


@pytest.mark.parametrize("branch", ["master", "develop"])
def test_a_developer_does_not_push_to_master_or_develop(developer: Clone, branch: str) -> None:
    developer.commit("feat: bypass", {"src/app.py": "print('two')\n"})
    refused = developer.git("push", "origin", f"HEAD:refs/heads/{branch}", check=False)
    assert refused.returncode != 0
    assert "You are not allowed to push code to protected branches on this project" in refused.stderr


def test_nobody_rewrites_a_protected_branch_by_force(maintainer: Clone) -> None:
    before = maintainer.git("ls-remote", "origin", "refs/heads/master").stdout
    maintainer.git("commit", "--quiet", "--amend", "-m", "other")
    refused = maintainer.git("push", "--force", "origin", "master", check=False)
    assert "not allowed to force push code to a protected branch" in refused.stderr
    assert maintainer.git("ls-remote", "origin", "refs/heads/master").stdout == before


def test_a_feature_branch_may_be_rewritten_and_deleted(developer: Clone) -> None:
    developer.commit("one", {"a": "1"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    developer.git("commit", "--quiet", "--amend", "-m", "better")
    developer.git("push", "--quiet", "--force", "origin", "feature/HB-101")
    developer.git("push", "--quiet", "origin", ":feature/HB-101")


def test_a_reporter_reads_but_does_not_push(running: Running, developer: Clone) -> None:
    developer.commit("one", {"a": "1"})
    remote = running.remote("auditor")
    assert developer.git("ls-remote", remote).returncode == 0
    refused = developer.git("push", remote, "HEAD:refs/heads/feature/x", check=False)
    assert "403" in refused.stderr


def test_an_unknown_project_is_not_there(running: Running, maintainer: Clone, project: Any) -> None:
    assert (
        "not found"
        in maintainer.git("ls-remote", running.remote("platform", "trading/no"), check=False).stderr
    )
