"""Where pip would take packages from: a name is fine, another source only where every byte is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from hummingbird.scanners.declared.problem import DIRECT, NOT_READ, OTHER_SOURCE, OUTSIDE, UNVERIFIED_HOST
from hummingbird.scanners.declared.requirement_files import problems_of, read_requirements

HASH = f"--hash=sha256:{'a' * 64}"
EXTRA = "--extra-index-url https://user:secret@b.example/simple\n"


def rules(folder: Path, **files: str) -> list[tuple[str, int, str]]:
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    found = problems_of(read_requirements(folder, ["requirements.txt"]))
    assert "secret" not in "".join(str(one) for one in found)
    return [(one.path, one.line, one.rule) for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "flask\nrequests[socks] >= 2.8 ; python_version > '3'\n",
        f"{EXTRA}flask==3.1 {HASH}\n",
        f"-i https://a.example\nflask==3.1 {HASH}\n",
        f"flask @ https://a.example/flask.whl#sha256={'a' * 64}\n",
        f"https://a.example/flask-3.1.tar.gz {HASH}\n",
        "-e .\n./vendor/flask-3.1-py3-none-any.whl\nlib @ file:vendor/lib\n",
        "--no-index\n--find-links vendor\nflask\n",
        "--no-binary :all:\n--pre\n--prefer-binary\nflask\n",
        "# nothing\n",
    ],
)
def test_what_an_index_or_a_hash_or_the_commit_answers_for_is_fine(text: str, tmp_path: Path) -> None:
    assert rules(tmp_path, requirements=text) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{EXTRA}flask\n", OTHER_SOURCE),
        (f"{EXTRA}flask==3.1 {HASH}\nclick\n", OTHER_SOURCE),
        (f"{EXTRA}flask==3.1 --hash=md5:{'a' * 32}\n", OTHER_SOURCE),
        (f"{EXTRA}", OTHER_SOURCE),
        ("--index-url=https://a.example\nflask\n", OTHER_SOURCE),
        ("--find-links vendor\nflask\n", OTHER_SOURCE),
        ("--no-index\n--find-links https://a.example\nflask\n", OTHER_SOURCE),
        (f"--trusted-host a.example\nflask==3.1 {HASH}\n", UNVERIFIED_HOST),
        ("flask @ https://a.example/flask.whl\n", DIRECT),
        ("flask @ https://a.example/flask.whl#md5=0123456789abcdef0123456789abcdef\n", DIRECT),
        ("https://a.example/flask.whl#sha256=aa\n", DIRECT),
        ("git+https://a.example/flask.git@v3#egg=flask\n", DIRECT),
        ("-e git+ssh://git@a.example/flask.git#egg=flask\n", DIRECT),
        (f"flask @ git+https://a.example/f@{'a' * 40} {HASH}\n", DIRECT),
        ("../lib\n", OUTSIDE),
        ("file:///srv/lib\n", OUTSIDE),
        ("lib @ file:///srv/lib\n", OUTSIDE),
        ("-r https://a.example/requirements.txt\n", NOT_READ),
        ("-r ../requirements.txt\n", NOT_READ),
        ("-c missing.txt\n", NOT_READ),
        ("=== what? ===\n", NOT_READ),
    ],
)
def test_what_a_stranger_may_answer_for_is_a_problem(text: str, rule: str, tmp_path: Path) -> None:
    assert {one for _, _, one in rules(tmp_path, requirements=text)} == {rule}


def test_what_is_included_is_judged_where_it_stands_and_counts_for_the_whole(tmp_path: Path) -> None:
    found = rules(
        tmp_path, requirements=f"{EXTRA}-r base.txt\nflask==3.1 {HASH}\n", base=f"click==8.1 {HASH}\n"
    )
    assert found == []
    found = rules(tmp_path, base="# names\nclick\n")
    assert found == [("requirements.txt", 1, OTHER_SOURCE)]
    found = rules(
        tmp_path, requirements="-r base.txt\n-c more.txt\n", more="click @ https://a.example/c.whl\n"
    )
    assert found == [("more.txt", 1, DIRECT)]


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    assert rules(tmp_path, requirements="-r base.txt\nflask\n", base="-r requirements.txt\n") == []
