"""Published figures held against those that were made here."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from datetime import date

from checker.figures.made import A_TRADING_DAY, Figure, Place

EXACT, NEAR = 1e-7, 1e-6
"""Relative, and absolute for what is close to nothing: published sums keep six places."""


def published(lines: Iterable[str]) -> dict[Place, Figure]:
    """The figures of `\\copy (SELECT … FROM metrics.figure) TO … CSV HEADER`."""
    found = {}
    for row in csv.DictReader(lines):
        place = Place(row["metric"], row["component"], row["period"], date.fromisoformat(row["starts"]))
        value, half, most = (float(row[name]) if row[name] else None for name in ("value", "p50", "p85"))
        found[place] = Figure(value, half, most, int(row["n"]))
    return found


def differences(
    told: dict[Place, Figure], made: dict[Place, Figure], *, trading_known: bool
) -> Iterator[str]:
    """A sentence for each figure that is missing, invented or other than the ledger says."""
    for place in sorted({*told, *made}):
        if place.metric in A_TRADING_DAY and not trading_known:
            continue
        named = f"{place.metric} of {place.component or 'all together'}, {place.period} of {place.starts}"
        if place not in told:
            yield f"{named}: not published; the ledger says {_words(made[place])}"
        elif place not in made:
            yield f"{named}: published as {_words(told[place])}; the ledger knows nothing of it"
        elif not _same(told[place], made[place]):
            yield f"{named}: published as {_words(told[place])}; the ledger says {_words(made[place])}"


def _same(told: Figure, made: Figure) -> bool:
    return told.n == made.n and all(
        (one is None) == (other is None)
        and (one is None or other is None or math.isclose(one, other, rel_tol=EXACT, abs_tol=NEAR))
        for one, other in zip(told[:3], made[:3], strict=True)
    )


def _words(figure: Figure) -> str:
    spread = f" (p50 {figure.p50}, p85 {figure.p85})" if figure.p85 is not None else ""
    return f"{figure.value}{spread} of {figure.n}"
