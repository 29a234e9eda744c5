"""What is called comes before what calls it, whatever order people write."""

from __future__ import annotations

from itertools import permutations

import pytest

from builders import the_catalogue
from hummingbird.core.call_order import callee_first
from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid

COMPONENTS = the_catalogue().components
EXPECTED = ["quote-service", "order-gateway", "trade-web"]


def calling(**calls: list[str]) -> dict[str, Component]:
    sample = COMPONENTS["order-gateway"]
    return {name: sample.model_copy(update={"name": name, "calls": called}) for name, called in calls.items()}


@pytest.mark.parametrize("names", list(permutations(EXPECTED)))
def test_the_called_comes_first(names: tuple[str, ...]) -> None:
    assert callee_first(COMPONENTS, names) == EXPECTED


def test_a_component_that_is_not_asked_for_still_orders_the_others() -> None:
    assert callee_first(calling(a=["b"], b=["c"], c=[]), ["a", "c"]) == ["c", "a"]


def test_components_that_do_not_call_each_other_stay_as_given() -> None:
    assert callee_first(calling(b=[], a=[]), ["b", "a"]) == ["b", "a"]


def test_a_circle_has_no_first() -> None:
    with pytest.raises(Invalid, match="a → b → a"):
        callee_first(calling(a=["b"], b=["a"]), ["a", "b"])
