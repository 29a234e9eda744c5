"""docs/security.md names a test for every attempt that it says fails, and the tests it names exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROW = re.compile(r"^\| ([PN]\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, str]]:
    """Number → tests and result."""
    return {match[1]: (match[3], match[4]) for match in ROW.finditer(TABLE)}


def test_every_attempt_has_its_row() -> None:
    wanted = [f"P{n}" for n in range(1, 25)] + [f"N{n}" for n in range(1, 47)]
    assert list(rows()) == wanted


def test_every_test_that_is_named_exists() -> None:
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))
    named = {name for match in ROW.finditer(TABLE) for name in re.findall(r"`(test_\w+)`", match[0])}
    assert len(named) > 50
    assert named - there == set()


def test_what_no_test_covers_is_called_open_or_says_why_it_does_not_apply() -> None:
    silent = [
        number
        for number, (tests, result) in rows().items()
        if tests == "–" and "open" not in result and "not applicable" not in result
    ]
    assert silent == []


def test_no_policy_is_read_from_airflow_s_variables() -> None:
    code = [*(ROOT / "dags").rglob("*.py"), *(ROOT / "include" / "hummingbird").rglob("*.py")]
    reading = [
        path.name
        for path in code
        if re.search(r"\bVariable\.get\b|sdk import .*\bVariable\b", path.read_text("utf-8"))
    ]
    assert reading == []
