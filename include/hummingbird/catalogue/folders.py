"""Which folders make up the catalogue: a list as in PATH, the first one whole, later ones adding entries."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

VARIABLE = "HUMMINGBIRD_CATALOG"
DEFAULT = Path(__file__).parents[2] / "catalog"
BASELINES = "baselines"


def catalogue_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders that HUMMINGBIRD_CATALOG names, separated by `:`; the project's own without it."""
    named = [Path(one) for one in environment.get(VARIABLE, "").split(os.pathsep) if one]
    return tuple(named) or (DEFAULT,)


def files_of(folders: Sequence[Path]) -> Iterator[Path]:
    """Every file that the catalogue is made of, in the order of the folders."""
    for folder in folders:
        yield from sorted(folder.glob("*.yaml"))
        yield from sorted((folder / BASELINES).glob("*.yaml"))
