"""What a team's pipeline includes from its own repository is read and judged like the file itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.onboarding.pipeline_check import check
from sandbox.onboarding.pipeline_files import MOST_INCLUDES
from sandbox.onboarding.refusal import CannotJoin
from sandbox.onboarding.source import clone
from unit.sandbox.onboarding.held import Held
from unit.sandbox.onboarding.repositories import repository

FINE = "unit:\n  image: python:3.12\n  script: [pytest]\n"
DOCKER = "build:\n  image: docker:27\n  script: [make]\n"
PACK = "pack:\n  script: [make]\n  artifacts: {paths: [build.json]}\n"
TAKEN: dict[str, tuple[dict[str, str], bool]] = {
    "a file": ({".gitlab-ci.yml": "include: ci/a.yml\n", "ci/a.yml": FINE}, False),
    "a file from the root": ({".gitlab-ci.yml": "include: [{local: /ci/a.yml}]\n", "ci/a.yml": FINE}, False),
    "a file by rules": (
        {".gitlab-ci.yml": "include: {local: a.yml, rules: [{if: $X}]}\n", "a.yml": FINE},
        False,
    ),
    "a file in a file": (
        {".gitlab-ci.yml": "include: a.yml\n", "a.yml": "include: b.yaml\n", "b.yaml": PACK},
        True,
    ),
    "a file twice": (
        {".gitlab-ci.yml": "include: [a.yml, b.yml]\n", "a.yml": "include: b.yml\n", "b.yml": FINE},
        False,
    ),
    "one folder, not those in it": (
        {".gitlab-ci.yml": "include: 'ci/*.yml'\n", "ci/a.yml": FINE, "ci/deep/b.yml": DOCKER},
        False,
    ),
    "the folders in it alone": (
        {".gitlab-ci.yml": "include: 'ci/**/*.yml'\n", "ci/a.yml": DOCKER, "ci/deep/b.yml": FINE},
        False,
    ),
    "an image that the including file replaces": (
        {".gitlab-ci.yml": "include: a.yml\nbuild: {image: 'node:22'}\n", "a.yml": DOCKER},
        False,
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_local_files_that_can_run_are_taken(case: str) -> None:
    texts, complete = TAKEN[case]
    assert check(Held(texts)) is complete


ROOT = ".gitlab-ci.yml"
EXTENDING = "include: [ci/templates.yml, ci/build.yml]\n"
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a job of an included file": (
        {ROOT: "include: ci/a.yml\n", "ci/a.yml": DOCKER},
        "ci/a.yml: job build: image: docker:27 is neither Python nor Node",
    ),
    "a job of a file that an included file includes": (
        {
            ROOT: "include: a.yml\n",
            "a.yml": "include: /b.yml\n",
            "b.yml": "it: {services: [redis], script: [x]}",
        },
        "b.yml: job it: services: ['redis'] need containers",
    ),
    "what a job extends in another file": (
        {
            ROOT: EXTENDING,
            "ci/templates.yml": ".docker:\n  script: [apk add bash]\n",
            "ci/build.yml": "build:\n  extends: .docker\n",
        },
        "ci/templates.yml: job build (extends .docker): `apk add bash` needs rights",
    ),
    "defaults of an included file": (
        {ROOT: f"include: a.yml\n{FINE}", "a.yml": "default: {services: [mysql]}\n"},
        "a.yml: the file's defaults: services: ['mysql']",
    ),
    "an image for all jobs in an included file": (
        {ROOT: f"include: a.yml\n{FINE}", "a.yml": "image: {name: ruby}\n"},
        "a.yml: the file's defaults: image: ruby is neither",
    ),
    "any depth": (
        {ROOT: "include: 'ci/**.yml'\n", "ci/a.yml": FINE, "ci/deep/b.yml": DOCKER},
        "ci/deep/b.yml: job build: image",
    ),
    "a file that is missing": ({ROOT: "include: ci/a.yml\n"}, f"{ROOT}: include: ci/a.yml is no file"),
    "nothing that matches": ({ROOT: "include: 'ci/*.yml'\n"}, f"{ROOT}: include: ci/*.yml is no file"),
    "missing in an included file": (
        {ROOT: "include: a.yml\n", "a.yml": "include: gone.yml\n"},
        "a.yml: include: gone.yml is no file of the repository",
    ),
    "a circle": (
        {ROOT: "include: a.yml\n", "a.yml": "include: b.yml\n", "b.yml": "include: a.yml\n"},
        "b.yml: include: a.yml comes back to itself (a.yml → b.yml → a.yml)",
    ),
    "the file itself": ({ROOT: f"include: /{ROOT}\n{FINE}"}, "comes back to itself"),
    "a way out": ({ROOT: "include: ../other/ci.yml\n"}, "include: ../other/ci.yml: a path begins at the"),
    "a way out behind a way in": ({ROOT: "include: a/../../ci.yml\n"}, "leads out of no folder"),
    "a path from here": ({ROOT: "include: ./a.yml\n", "a.yml": FINE}, "include: ./a.yml: a path begins"),
    "a variable": ({ROOT: "include: $FILE\n"}, "include: $FILE names a variable"),
    "inputs": ({ROOT: "include: {local: a.yml, inputs: {x: 1}}\n", "a.yml": FINE}, "a.yml comes with inputs"),
    "another ending": ({ROOT: "include: a.txt\n", "a.txt": FINE}, "a.txt ends neither in .yml nor in .yaml"),
    "not YAML": ({ROOT: "include: a.yml\n", "a.yml": "a: [\n"}, "a.yml: not YAML"),
    "no jobs": ({ROOT: "include: a.yml\n", "a.yml": "- x\n"}, "a.yml: expected jobs, found list"),
    "an empty file": ({ROOT: "include: a.yml\n", "a.yml": "\n"}, "a.yml: it is empty"),
    "a project in an included file": (
        {ROOT: "include: a.yml\n", "a.yml": "include: [{project: x/y, file: z.yml}]\n"},
        "a.yml: include: {'project': 'x/y', 'file': 'z.yml'} lies outside",
    ),
    "a job that is hidden in every file": (
        {ROOT: "include: a.yml\n", "a.yml": ".build: {image: docker}\n"},
        "it names no job",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_local_files_that_cannot_run_are_refused_by_the_file_that_says_it(case: str) -> None:
    texts, why = REFUSED[case]
    with pytest.raises(CannotJoin) as told:
        check(Held(texts))
    assert why in str(told.value)


def test_as_many_files_as_gitlab_takes_are_taken_and_one_more_is_refused() -> None:
    texts = {f"ci/{number}.yml": f"job-{number}: {{script: [x]}}\n" for number in range(MOST_INCLUDES)}
    root = {ROOT: "include: 'ci/*.yml'\n"}
    assert check(Held(texts | root)) is False
    with pytest.raises(CannotJoin, match=f"more than {MOST_INCLUDES} files are included"):
        check(Held(texts | root | {"ci/one-more.yml": FINE}))


def test_a_link_that_leads_out_of_the_checkout_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text(FINE, "utf-8")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "out.yml").symlink_to(tmp_path / "secret.yml")
    (folder / "in.yml").symlink_to("jobs.yml")
    texts = {"jobs.yml": DOCKER, ROOT: "include: out.yml\n"}
    made = repository(folder, texts)
    with pytest.raises(CannotJoin, match=r"out\.yml: it is empty, or a link that leads out"):
        check(clone(str(made), None, tmp_path / "one"))
    (folder / ROOT).write_text("include: in.yml\n", "utf-8")
    with pytest.raises(CannotJoin, match=r"in\.yml: job build: image: docker:27"):
        check(clone(str(repository(folder, {})), None, tmp_path / "two"))
