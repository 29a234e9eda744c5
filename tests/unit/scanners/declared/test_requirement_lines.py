"""Requirement files are split as pip splits them, and what pip might read in another way is a problem."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hummingbird.scanners.declared.problem import NOT_READ
from hummingbird.scanners.declared.requirement_lines import Line, read_lines

PIP: Any = importlib.import_module("pip._internal.req.req_file")
"""pip's own reader: no interface for programs, and the judge of ours."""
PIECES = [
    *(
        "flask",
        "flask==3.1",
        "name @ https://e.example/n.whl",
        "; python_version > '3'",
        " ",
        "'",
        '"',
        "#",
        " # a",
    ),
    *(
        "\\\n",
        "\n",
        "\r",
        "\x0b",
        "\\",
        "--hash=sha256:ab",
        "-r base.txt",
        "-c",
        " more.txt",
        "--pre",
        "-e ./lib",
    ),
    *("--extra-index-url https://b.example", "--extra-i=https://c.example", "-i", "--index-url"),
    *("=https://a.example", "--trusted-host h", "-f wheels", "--find https://d.example"),
]


def lines(text: str) -> list[Line]:
    found, problems = read_lines("requirements.txt", text.encode())
    assert problems == []
    return found


def test_a_line_goes_on_behind_a_backslash_and_ends_before_a_comment() -> None:
    (line,) = lines("# lock\nflask==3.1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb  # via -r in\n")
    assert (line.number, line.requirement, line.hashes) == (2, "flask==3.1", ("sha256:aa", "sha256:bb"))


def test_options_are_known_by_every_form_that_pip_takes() -> None:
    text = "-i https://a.example\n--extra-index https://b.example\n--trusted-host=c\n-rbase.txt\n-e ./lib\n"
    first, second, third, fourth, fifth = lines(text)
    assert first.indexes + second.indexes == ("https://a.example", "https://b.example")
    assert (third.trusted_hosts, fourth.files) == (("c",), ("base.txt",))
    assert (fifth.requirement, fifth.editable) == ("./lib", True)


@pytest.mark.parametrize(
    "text",
    [
        b"--no-require-hashes\n",
        b"--unheard-of\n",
        b"--hash 'sha256:aa\n",
        b"-r ${WHERE}/base.txt\n",
        b"${PACKAGE}\n",
        b"--pre flask\n",
        b"# -*- coding: utf-7 -*-\nflask\n",
        "flask\n".encode("utf-16"),
        b"fl\xe4sk\n",
    ],
)
def test_what_is_not_understood_is_a_problem(text: bytes) -> None:
    assert [one.rule for one in read_lines("requirements.txt", text)[1]] == [NOT_READ]


def of_pip(path: Path) -> list[tuple[Any, ...]] | None:
    """What pip reads, or None where it reads nothing at all."""
    read = PIP.get_line_parser(None)
    try:
        parsed = [read(line) for _, line in PIP.preprocess(PIP.get_file_content(str(path), None)[1])]
    except (PIP.OptionParsingError, SystemExit):
        return None
    return [
        (
            args.strip() or "".join((options.editables or [])[:1]),
            tuple((options.hashes or {}).get("sha256", [])),
            tuple(options.requirements or []),
            tuple(options.constraints or []),
            (*((options.index_url,) if options.index_url else ()), *(options.extra_index_urls or [])),
            tuple(options.find_links or []),
            tuple(options.trusted_hosts or []),
        )
        for args, options in parsed
    ]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_no_text_is_read_in_another_way_than_pip_reads_it(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "requirements.txt"
    path.write_bytes("".join(pieces).encode())
    ours, problems = read_lines("requirements.txt", path.read_bytes())
    pips = of_pip(path)
    if problems or pips is None:
        return
    told = [
        (
            one.requirement,
            tuple(each.removeprefix("sha256:") for each in one.hashes),
            one.files,
            one.constraints,
            one.indexes,
            one.folders,
            one.trusted_hosts,
        )
        for one in ours
    ]
    assert told == pips
