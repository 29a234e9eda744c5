"""managedFields: who owns which leaf, through plain writes (Update) and through applies (Apply)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.clusters.jsons import Json, now
from sandbox.clusters.patches.fields import Path, from_fields_v1, leaves, to_fields_v1


@dataclass
class Manager:
    """One entry of metadata.managedFields."""

    name: str
    operation: str
    api_version: str
    time: str | None = None
    subresource: str = ""
    owned: set[Path] = field(default_factory=set)

    def entry(self) -> Json:
        """The entry as the API writes it."""
        entry: Json = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_fields_v1(self.owned),
        }
        if self.time:
            entry["time"] = self.time
        if self.subresource:
            entry["subresource"] = self.subresource
        return entry


def managers_of(body: Json) -> list[Manager]:
    """The entries of an object."""
    return [
        Manager(
            each.get("manager", ""),
            each.get("operation", "Update"),
            each.get("apiVersion", ""),
            each.get("time"),
            each.get("subresource", ""),
            from_fields_v1(each.get("fieldsV1") or {}),
        )
        for each in body["metadata"].get("managedFields") or []
    ]


def write_managers(body: Json, managers: list[Manager]) -> None:
    """Set an object's entries; those that own nothing are dropped."""
    entries = [each.entry() for each in managers if each.owned]
    if entries:
        body["metadata"]["managedFields"] = entries
    else:
        body["metadata"].pop("managedFields", None)


def track_update(before: Json | None, after: Json, name: str, subresource: str = "") -> None:
    """Give the leaves that a plain write changed to its writer, and take them from everyone else."""
    old, new = leaves(before) if before else {}, leaves(after)
    changed = {path for path, value in new.items() if path not in old or old[path] != value}
    gone = set(old) - set(new)
    managers = managers_of(before) if before else []
    if changed or gone:
        for each in managers:
            each.owned -= changed | gone
        writer = next(
            (
                each
                for each in managers
                if (each.name, each.operation, each.subresource) == (name, "Update", subresource)
            ),
            None,
        )
        if changed and writer is None:
            writer = Manager(name, "Update", after["apiVersion"], subresource=subresource)
            managers.append(writer)
        if writer is not None and changed:
            writer.time = now()
            writer.owned |= changed
    write_managers(after, managers)
