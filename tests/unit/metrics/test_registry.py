"""A metric is a file, a line of the registry, and a part of docs/metrics.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hummingbird.metrics
from hummingbird.core.errors import NotFound
from hummingbird.core.metric import FactKind, Form
from hummingbird.metrics.registry import METRICS, metric

FOLDER = Path(next(iter(hummingbird.metrics.__path__)))


def test_every_file_is_one_metric_of_the_same_name_in_the_registry() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "registry"}
    assert files == set(METRICS)


def test_every_metric_and_every_kind_of_fact_is_defined_in_words() -> None:
    words = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text("utf-8")
    assert re.findall(r"^### (\w+)$", words, re.M) == list(METRICS)
    told = words.partition("## Facts")[2].partition("## The metrics")[0].replace("…", "regression")
    assert [kind for kind in FactKind if f"`{kind.value}`" not in told] == []


@pytest.mark.parametrize("name", METRICS)
def test_a_ratio_alone_has_facts_to_divide_by(name: str) -> None:
    assert bool(metric(name).over) == (metric(name).form is Form.RATIO)


def test_a_metric_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(NotFound, match="velocity does not exist; there are deployment_frequency"):
        metric("velocity")


def test_a_period_without_facts_means_none_for_counts_and_unknown_for_the_rest() -> None:
    assert metric("cycles").empty == 0
    assert metric("deployment_frequency").empty == 0
    assert metric("lead_time").empty is None
    assert metric("change_fail_rate").empty is None
