"""A baseline as the file that people read and merge: `baselines/<component>.yaml` of a catalogue folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from hummingbird.catalogue.folders import BASELINES
from hummingbird.core.baseline import Baseline
from hummingbird.core.errors import NotFound

_ABOUT = (
    "# Findings that were there when the component joined. They stop nothing while two people other than\n"
    "# the owner have accepted them and the date has not passed; everything new blocks.\n"
)


def place_of(folders: Sequence[Path], component: str) -> Path:
    """The component's file in the folder that has its entry: the last one that names it."""
    for folder in reversed(folders):
        entries = folder / "components.yaml"
        if entries.exists() and component in (yaml.safe_load(entries.read_text("utf-8")) or {}):
            return folder / BASELINES / f"{component}.yaml"
    raise NotFound(f"component {component} is in no folder of the catalogue: {', '.join(map(str, folders))}")


def write(path: Path, baseline: Baseline) -> None:
    """Replace the file at once."""
    document: dict[str, Any] = baseline.document()
    del document["component"]
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    draft.write_text(_ABOUT + text, "utf-8")
    draft.replace(path)
