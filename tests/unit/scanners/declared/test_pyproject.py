"""A manifest names versions, addresses with a hash, or places of the checkout; an option is none of these."""

from __future__ import annotations

import pytest

from hummingbird.scanners.declared.problem import DIRECT, NOT_READ, OUTSIDE
from hummingbird.scanners.declared.pyproject import pyproject_problems, requirements_of

PLACES = (
    "[project]\ndependencies = [\n  {0},\n]\n",
    "[project.optional-dependencies]\ntest = [\n  {0},\n]\n",
    "[dependency-groups]\ndev = [{{include-group = 'x'}},\n  {0},\n]\n",
    "[build-system]\nrequires = [\n  {0},\n]\n",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("requirement", "rule"),
    [
        ("flask[async] >= 3 ; python_version > '3'", None),
        (f"flask @ https://a.example/f.whl#sha256={'a' * 64}", None),
        ("flask @ https://a.example/f.whl", DIRECT),
        ("flask @ git+https://a.example/flask@v3", DIRECT),
        ("flask @ file:///srv/flask", OUTSIDE),
        ("--extra-index-url=https://a.example", NOT_READ),
        ("--find-links=vendor/wheels", NOT_READ),
        ("-rmore/requirements.txt", NOT_READ),
        ("what is this", NOT_READ),
    ],
)
def test_every_list_of_requirements_is_judged(place: str, requirement: str, rule: str | None) -> None:
    text = place.format(f'"{requirement}"')
    assert requirements_of(text) == [requirement]
    found = pyproject_problems("pyproject.toml", text)
    assert [(one.line, one.rule) for one in found] == ([(3, rule)] if rule else [])


def test_what_is_no_toml_is_not_clean_and_what_names_nothing_is() -> None:
    assert [one.rule for one in pyproject_problems("pyproject.toml", "[")] == [NOT_READ]
    assert (
        pyproject_problems("pyproject.toml", "[tool.ruff]\nline-length = 100\n[project]\nname = 'a'\n") == []
    )
