"""Charts as SVG made on the server by Pygal: no script, themed by the page's style, every point a link."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pygal
from pygal.etree import etree

from hummingbird.cockpit.wording import measured
from hummingbird.core.metric import Chart, Unit

# Pygal hangs an importer of the old kind into the process, for maps that are not installed here; Python warns
# of it at every module that is not found.
sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)]

_HREF = "{http://www.w3.org/1999/xlink}href"
_BARE: dict[str, Any] = {
    "css": [],
    "js": [],
    "disable_xml_declaration": True,
    "explicit_size": False,
    "show_legend": False,
    "allow_interruptions": True,
    "no_data_text": "",
}
_STEPS: dict[Unit, tuple[float, ...]] = {
    Unit.SECONDS: (
        1.0,
        2.0,
        5.0,
        10.0,
        15.0,
        30.0,
        60.0,
        120.0,
        300.0,
        600.0,
        900.0,
        1800.0,
        3600.0,
        7200.0,
        14400.0,
        21600.0,
        43200.0,
        86400.0,
    ),
}


@dataclass(frozen=True)
class Point:
    """One period on a chart."""

    label: str
    value: float | None
    second: float | None
    link: str
    told: str
    """What a person hears or sees on it."""


@lru_cache(maxsize=200)
def chart(kind: Chart, unit: Unit, points: tuple[Point, ...], title: str) -> str:
    """A chart for a page of its own; figures change once a night, so most are asked for again."""
    known = [each for point in points for each in (point.value, point.second) if each is not None]
    top = max(known, default=0.0)
    ticks = nice_ticks(top, unit)
    every = -(-len(points) // 12) or 1
    drawing = (pygal.Bar if kind is Chart.BAR else pygal.Line)(
        **_BARE,
        width=1000,
        height=270,
        margin=6,
        margin_right=16,
        dots_size=3.2,
        y_labels=[{"value": tick, "label": measured(tick, unit) if tick else "0"} for tick in ticks],
        range=(0, ticks[-1]),
        show_minor_x_labels=False,
    )
    drawing.x_labels = [point.label for point in points]
    drawing.x_labels_major = [point.label for place, point in enumerate(points) if place % every == 0]
    told = {point.link: point.told for point in points}
    drawing.add("", [_dot(point.value, point.link) for point in points])
    if kind is Chart.BAND:
        drawing.add("", [_dot(point.second, point.link) for point in points])
    drawing.add_xml_filter(_cleaned(title, told))
    return str(drawing.render(is_unicode=True))


def sparkline(values: Sequence[float | None]) -> str:
    """A small line for a tile, drawn by hand: two dozen by the library would take a fifth of a second."""
    top = max([value for value in values if value is not None], default=0.0) or 1.0
    step = 230 / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{place * step:.1f} {31 - 28 * max(0.0, value) / top:.1f}")
    lines = [f"M{' L'.join(run if len(run) > 1 else run * 2)}" for run in runs if run]
    return (
        '<svg class="spark" viewBox="-3 0 236 34" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="line" d="{" ".join(lines)}"/></svg>'
    )


def nice_ticks(top: float, unit: Unit) -> list[float]:
    """Three to seven round numbers from 0 to at least `top`."""
    if top <= 0:
        return [0.0, 1.0]
    for step in _STEPS.get(unit, ()):
        if top <= 6 * step:
            break
    else:
        size = 86400.0 if unit is Unit.SECONDS else 10.0**-4
        steps = (factor * size * 10.0**power for power in range(14) for factor in (1, 2, 5))
        step = next(each for each in steps if top <= 6 * each)
    count = 1
    while count * step < top:
        count += 1
    return [round(number * step, 10) for number in range(count + 1)]


def _dot(value: float | None, link: str) -> dict[str, Any] | None:
    return None if value is None else {"value": value, "xlink": {"href": link, "target": "_self"}}


def _cleaned(title: str, told: Mapping[str, str]) -> Callable[[Any], Any]:
    """A filter that leaves shapes, words and links: styles and scripts in line are not let through."""

    def clean(root: Any) -> Any:
        root.set("role", "group")
        root.set("aria-label", title)
        root.attrib.pop("id", None)
        for parent in list(root.iter()):
            for child in list(parent):
                if _unwanted(child):
                    parent.remove(child)
        for element in root.iter():
            element.attrib.pop("style", None)
        for link in root.iter("a"):
            sentence = told.get(link.get(_HREF) or "", "")
            link.set("href", link.attrib.pop(_HREF, ""))
            link.set("aria-label", sentence)
            name = etree.SubElement(link, "title")
            name.text = sentence
        return root

    return clean


def _unwanted(element: Any) -> bool:
    if not isinstance(element.tag, str):  # comments
        return True
    name = element.tag.rpartition("}")[2]
    held = {"text-overlay", "tooltip-overlay"} & set((element.get("class") or "").split())
    return bool(held) or name in ("defs", "title", "desc", "style", "script")
