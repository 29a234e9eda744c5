"""In which order components are brought: what is called comes before what calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid


def callee_first(components: Mapping[str, Component], names: Iterable[str]) -> list[str]:
    """The names, each after all that it calls, also by way of others; else as given. Invalid for a cycle."""
    wanted = list(names)
    ordered: list[str] = []
    for name in wanted:
        _visit(components, name, [], ordered)
    return [name for name in ordered if name in set(wanted)]


def _visit(components: Mapping[str, Component], name: str, way: list[str], ordered: list[str]) -> None:
    if name in ordered or name not in components:
        return
    if name in way:
        circle = " → ".join([*way[way.index(name) :], name])
        raise Invalid(f"components call each other in a circle: {circle}; none of them can be first")
    for called in components[name].calls:
        _visit(components, called, [*way, name], ordered)
    ordered.append(name)
