"""Figures recomputed by other hands agree with the published ones; those that do not are named."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg2
import pytest

from builders import the_catalogue
from checker.figures.__main__ import main as check
from checker.figures.made import COUNTS, RATIOS, SHARES, SPREADS, percentile
from checker.figures.seen import see
from checker.ledger import DEPLOYED, Event
from hummingbird.__main__ import main
from hummingbird.core.metric import Rates
from hummingbird.history.generate import into_database
from hummingbird.metrics.registry import METRICS
from hummingbird.workloads.rolling.roll_up import Rollup, roll_up
from hummingbird.workloads.rolling.trading_days import trading_days
from postgres import LedgerDatabase
from unit.history.invented import a_wish
from unit.workloads.rolling.a_ledger import Unchecked

FIGURES = (
    "COPY (SELECT metric, component, period, starts, value, p50, p85, n FROM metrics.figure) "
    "TO STDOUT CSV HEADER"
)


@pytest.fixture
def files(ledger_database: LedgerDatabase, tmp_path: Path) -> Path:
    """A folder with an exported ledger of invented history, its published figures and the trading days."""
    wish = a_wish()
    into_database(ledger_database.writer, wish, the_catalogue())
    asked = Rollup(mode="full", rates=Rates(), production="prod", run="metric_rollup/test")
    assert roll_up(ledger_database.metrics, asked, Unchecked(), tmp_path).state == "published"
    export = ["ledger", "export", "--dsn", ledger_database.reader]
    assert main([*export, "--out", f"{tmp_path}/ledger.jsonl"]) == 0
    connection = psycopg2.connect(ledger_database.reader)
    with (tmp_path / "figures.csv").open("w") as out, connection.cursor() as cursor:
        cursor.copy_expert(FIGURES, out)
    connection.close()
    year = date(wish.days[0].year, 1, 1)
    traded = [str(day) for day, is_open in trading_days(year, wish.days[-1]).items() if is_open]
    (tmp_path / "days").write_text("\n".join(traded))
    return tmp_path


def judged(files: Path) -> int:
    return check([f"{files}/ledger.jsonl", f"{files}/figures.csv", "--trading-days", f"{files}/days"])


def respelt(files: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    file = files / "figures.csv"
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    change(rows)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_every_published_figure_follows_from_the_exported_ledger(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(files) == 0, capsys.readouterr().out
    told = {row["metric"] for row in csv.DictReader((files / "figures.csv").read_text("utf-8").splitlines())}
    assert told == set(METRICS)
    capsys.readouterr()

    respelt(files, lambda rows: rows[7].update(n=str(int(rows[7]["n"]) + 1)))
    assert judged(files) == 1
    assert "1 differ" in capsys.readouterr().out

    respelt(files, lambda rows: rows.__delitem__(7))
    assert judged(files) == 1
    assert "not published; the ledger says" in capsys.readouterr().out

    respelt(files, lambda rows: rows.append({**rows[0], "component": "nobody-s"}))
    assert judged(files) == 1
    assert "the ledger knows nothing of it" in capsys.readouterr().out

    ledger = files / "ledger.jsonl"
    lines = ledger.read_text("utf-8").splitlines()
    lines[40] = json.dumps(json.loads(lines[40]) | {"actor": "somebody"})
    ledger.write_text("\n".join(lines))
    assert judged(files) == 2
    assert "BROKEN: row 41" in capsys.readouterr().out


def test_without_trading_days_their_figures_are_not_judged_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ledger.jsonl").touch()
    (tmp_path / "figures.csv").write_text("metric,component,period,starts,value,p50,p85,n\n")
    assert check([f"{tmp_path}/ledger.jsonl", f"{tmp_path}/figures.csv"]) == 0
    assert "were not judged" in capsys.readouterr().out


def test_a_row_that_was_set_aside_makes_no_fact() -> None:
    data = {"report": {"outcome": "deployed"}}
    rows = [
        Event(
            n, datetime(2026, 11, 20, n, tzinfo=UTC), DEPLOYED, f"k{n}", "s", bundle="b", environment="dev",
            run="dev_deploy/x", data=data,
        )
        for n in (1, 2)
    ]  # fmt: skip
    assert [one.sequence for one in see(rows, set_aside=frozenset({1})).ended] == [2]
    assert [one.sequence for one in see(rows, height=1).ended] == [1]


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([1.0, 2.0], 0.85) == pytest.approx(1.85)
    assert percentile([7.0], 0.85) == 7.0


def test_the_checker_knows_every_form_of_metric() -> None:
    assert {*COUNTS, *SHARES, *RATIOS, *SPREADS} < set(METRICS)


def test_the_checker_imports_nothing_of_the_platform() -> None:
    folder = Path(check.__code__.co_filename).parent
    sources = "".join(file.read_text("utf-8") for file in [*folder.glob("*.py"), folder.parent / "ledger.py"])
    imported = [line for line in sources.splitlines() if line.startswith(("import ", "from "))]
    outside = ("hummingbird", "sandbox", "psycopg2", "sqlalchemy", "duckdb", "pydantic")
    assert [line for line in imported if line.split()[1].split(".")[0] in outside] == []
