"""`hummingbird windows`: when the windows are, and the warning before an exchange's known days end."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from builders import CATALOGUE_FOLDER
from hummingbird.__main__ import main
from hummingbird.catalogue.exchanges import last_known_day
from hummingbird.catalogue.folders import VARIABLE


@pytest.fixture
def traded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue whose production is shut while exchanges trade."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOGUE_FOLDER, folder)
    file = folder / "environments.yaml"
    file.write_text(file.read_text("utf-8").replace("calendar: production\n", "calendar: outside_trading\n"))
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


def test_a_closed_window_is_told_with_the_next_ones(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["windows", "prod", "--at", "2026-09-21T10:00+08:00"])
    told = capsys.readouterr().out.splitlines()
    assert told[0] == (
        "prod deploy: closed by calendar outside_trading (XHKG trades on 2026-09-21 from 09:30 to 16:00)"
    )
    assert told[1] == (
        "  opens 2026-09-21 17:30 Asia/Shanghai (2026-09-21 09:30 UTC) until 2026-09-22 08:30 Asia/Shanghai "
        "(2026-09-22 00:30 UTC)"
    )
    assert any(line.startswith("prod rollback: open by calendar always") for line in told)


def test_the_sandbox_s_environments_are_open_around_the_clock(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["windows", "--at", "2026-09-21T10:00+08:00"]) == 0
    states = [line for line in capsys.readouterr().out.splitlines() if ": " in line]
    assert len(states) == 6
    assert all(": open by calendar" in line for line in states)


def test_weeks_before_the_library_s_data_end_the_command_says_no_and_how_to_go_on(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soon = last_known_day("XSHG") - timedelta(weeks=3)
    assert main(["windows", "prod", "--at", f"{soon}T12:00+00:00"]) == 1
    assert "WARNING: calendar outside_trading: the days of XSHG are known until" in capsys.readouterr().out
    early = soon - timedelta(weeks=8)
    assert main(["windows", "prod", "--at", f"{early}T12:00+00:00"]) == 0
    file = traded / "exchanges.yaml"
    vouched = f'XSHG:\n  known_until: "{soon + timedelta(weeks=30)}"\n'
    file.write_text(file.read_text("utf-8").replace("XSHG:\n", vouched), "utf-8")
    assert main(["windows", "prod", "--at", f"{soon}T12:00+00:00"]) == 0


@pytest.mark.parametrize("moment", ["tomorrow", "2026-09-21T10:00"])
def test_a_moment_without_an_offset_is_not_guessed(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["windows", "--at", moment]) == 2
    assert "--at" in capsys.readouterr().err


def test_an_exchange_that_the_library_lacks_is_named(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("exchanges.yaml", "calendars.yaml"):
        file = traded / name
        file.write_text(file.read_text("utf-8").replace("XHKG", "XXXX"), "utf-8")
    assert main(["windows", "prod"]) == 2
    assert "exchanges.yaml: XXXX: no exchange" in capsys.readouterr().err
