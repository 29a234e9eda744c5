"""schedules.yaml alone: what a DAG file needs to know, without the cost of reading the whole catalogue."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from hummingbird.catalogue.entries import Entries
from hummingbird.core.errors import Invalid
from hummingbird.core.schedule import Schedule

SECTION = "schedules"


def read_schedules(*folders: Path) -> dict[str, Schedule]:
    """Path → its schedule; Invalid names file, line and field of the first mistake."""
    entries = Entries()
    entries.read_section(SECTION, folders)
    found = {}
    for name, entry in entries.value[SECTION].items():
        try:
            found[name] = Schedule.model_validate(entry)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = [SECTION, name, *(str(step) for step in first["loc"])]
            raise Invalid(f"{entries.place(where)}: {first['msg']}") from error
    return found
