"""A layer's bytes depend on content alone."""

from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from hummingbird.core.errors import Invalid
from hummingbird.workloads.images.layer import Addition, write_layer


def a_tree(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}", "utf-8")
    return folder


def members(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as tar:
        return {member.name: member for member in tar.getmembers()}


def test_the_same_files_give_the_same_layer_whatever_their_times_modes_and_order(tmp_path: Path) -> None:
    names = ["b/two.py", "a/one.py", "中文/三.txt"]
    first = a_tree(tmp_path / "first", names)
    second = a_tree(tmp_path / "second", names[::-1])
    for path in second.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    one = write_layer(Addition(first, PurePosixPath("/app")), tmp_path / "one")
    other = write_layer(Addition(second, PurePosixPath("/app")), tmp_path / "other")
    assert one.digest == other.digest
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    (second / "a/one.py").write_text("changed", "utf-8")
    assert write_layer(Addition(second, PurePosixPath("/app")), tmp_path / "third").digest != one.digest


def test_entries_belong_to_the_nonroot_user_without_times_and_bytecode(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "src", ["pkg/run.sh", "pkg/mod.py", "pkg/__pycache__/mod.pyc", ".git/config"])
    (tree / "pkg/run.sh").chmod(0o755)
    write_layer(Addition(tree, PurePosixPath("/opt/tool")), tmp_path / "layer")
    found = members(tmp_path / "layer")
    assert sorted(found) == ["opt", "opt/tool", "opt/tool/pkg", "opt/tool/pkg/mod.py", "opt/tool/pkg/run.sh"]
    assert {entry.uid for entry in found.values()} == {65532}
    assert {entry.mtime for entry in found.values()} == {0}
    assert found["opt/tool/pkg/run.sh"].mode == 0o755
    assert found["opt/tool/pkg/mod.py"].mode == 0o644


def test_digests_are_those_of_the_written_bytes(tmp_path: Path) -> None:
    import hashlib

    tree = a_tree(tmp_path / "src", ["x"])
    layer = write_layer(Addition(tree, PurePosixPath("/app")), tmp_path / "layer")
    packed = (tmp_path / "layer").read_bytes()
    assert layer.digest == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    assert layer.diff_id == f"sha256:{hashlib.sha256(gzip.decompress(packed)).hexdigest()}"
    assert layer.size == len(packed)


def test_a_single_file_lies_where_it_was_told_to(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("{}", "utf-8")
    write_layer(Addition(file, PurePosixPath("/etc/tool/settings.json")), tmp_path / "layer")
    assert members(tmp_path / "layer")["etc/tool/settings.json"].size == 2


def test_a_link_inside_the_folder_stays_a_link(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "src", ["a/real.txt"])
    (tree / "b").symlink_to("a/real.txt")
    write_layer(Addition(tree, PurePosixPath("/app")), tmp_path / "layer")
    assert members(tmp_path / "layer")["app/b"].linkname == "a/real.txt"


@pytest.mark.parametrize("target", ["../secret", "/etc/passwd"])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path, target: str) -> None:
    tree = a_tree(tmp_path / "src", ["x"])
    (tree / "link").symlink_to(target)
    with pytest.raises(Invalid, match="outside of what is added"):
        write_layer(Addition(tree, PurePosixPath("/app")), tmp_path / "layer")


@pytest.mark.parametrize("text", ["src", "src:app", ":/app", "src:/app/../etc", "missing:/app"])
def test_an_addition_that_is_not_a_source_and_an_absolute_place_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    with pytest.raises(Invalid, match="--add"):
        Addition.parse(text)
    assert Addition.parse("src:/app").destination == PurePosixPath("/app")
