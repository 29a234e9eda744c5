"""schedules.yaml read alone says what the whole catalogue says, and its mistakes have the same place."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import CATALOGUE_FOLDER, the_catalogue
from hummingbird.catalogue.schedules import read_schedules
from hummingbird.core.errors import Invalid

FILE = """metric_rollup:
  cron: "0 6 * * *"
  timezone: Asia/Shanghai
"""


def test_the_file_alone_and_the_catalogue_say_the_same() -> None:
    assert read_schedules(CATALOGUE_FOLDER) == the_catalogue().schedules
    assert the_catalogue().schedules["nightly_regression"].timezone == "Asia/Shanghai"


def test_a_second_folder_adds_entries_and_need_not_have_the_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / "schedules.yaml").write_text("nightly_regression: {cron: '5 1 * * *', timezone: UTC}")
    assert list(read_schedules(first, second)) == ["nightly_regression"]
    (second / "schedules.yaml").write_text(FILE)
    assert list(read_schedules(first, second)) == ["nightly_regression", "metric_rollup"]


def test_a_mistake_is_told_with_file_line_and_field(tmp_path: Path) -> None:
    (tmp_path / "schedules.yaml").write_text(FILE.replace("0 6", "0 25"))
    with pytest.raises(Invalid, match=r"schedules.yaml:2: metric_rollup.cron: .*hour '25'"):
        read_schedules(tmp_path)


def test_a_folder_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"schedules.yaml: the file is missing"):
        read_schedules(tmp_path)
