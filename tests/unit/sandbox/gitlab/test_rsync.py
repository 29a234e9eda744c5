"""The stand-in for rsync, by the calls that gitlab-ci-local makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.gitlab.ci.rsync import main


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, "utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    return tree


def test_tracked_files_are_copied_and_everything_else_goes(tree: Path) -> None:
    write(
        tree,
        "a",
        "src/b",
        "untracked/c",
        "out.log",
        ".git/HEAD",
        ".git/lfs/x",
        ".state/builds/job/old",
        "src/untracked",
    )
    (tree / "link").symlink_to("a")
    (tree / ".state" / "exclude").write_text("/untracked/\n/out.log", "utf-8")
    call = ["-a", "--delete-excluded", "--delete", "--exclude-from=.state/exclude", "--exclude", ".git/lfs"]
    assert main([*call, "--exclude", ".state/", "./", ".state/builds/job/"]) == 0
    copied = tree / ".state/builds/job"
    assert names(copied) == [".git/HEAD", "a", "link", "src/b", "src/untracked"]
    assert (copied / "link").is_symlink()


def test_artifacts_keep_their_paths_and_leave_out_what_is_excluded(tree: Path) -> None:
    write(tree, "out/a.txt", "out/deep/b.txt", "out/deep/c.tmp", "other")
    (tree / "list").write_text("./out/\n./missing\n./other\n", "utf-8")
    assert main(["--exclude", "out/**/*.tmp", "-rRa", "--files-from=list", ".", "kept/job/."]) == 0
    assert names(tree / "kept/job") == ["other", "out/a.txt", "out/deep/b.txt"]


def test_a_single_report_keeps_its_path(tree: Path) -> None:
    write(tree, "reports/build.env")
    assert main(["-Ra", "./reports/build.env", "kept/."]) == 0
    assert names(tree / "kept") == ["reports/build.env"]


def test_a_folders_content_is_added_to_what_is_there(tree: Path) -> None:
    write(tree, "one/a", "one/b/c", "two/a", "two/d")
    (tree / "one/b/c").chmod(0o755)
    assert main(["-a", "one/.", "two"]) == 0
    assert names(tree / "two") == ["a", "b/c", "d"]
    assert (tree / "two/a").read_text() == "one/a"
    assert (tree / "two/b/c").stat().st_mode & 0o777 == 0o755


def test_an_option_it_does_not_know_is_refused(tree: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--checksum", "a", "b"])
