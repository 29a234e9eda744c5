"""YAML files of the catalogue → one validated value; every complaint names file, line and field."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from hummingbird.catalogue.consistency import complaints
from hummingbird.catalogue.entries import Entries
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid


def load_catalogue(*folders: Path) -> Catalogue:
    """Read all files of the folders; raises Invalid naming file, line and field of the first complaint."""
    entries = Entries()
    entries.read(folders)
    try:
        catalogue = Catalogue.model_validate(entries.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = [str(step) for step in first["loc"]]
        raise Invalid(f"{entries.place(where)}: {first['msg']}") from error
    for section, path, why in complaints(catalogue):
        raise Invalid(f"{entries.place((section, *path))}: {why}")
    return catalogue
