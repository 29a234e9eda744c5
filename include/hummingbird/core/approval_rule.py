"""Who must agree, and who may not: policy as data, for an environment and a class of components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from hummingbird.core.record import Record


class Involvement(StrEnum):
    """How somebody can be part of what is to be approved."""

    REQUESTER = "requester"
    AUTHOR = "author"
    COMMITTER = "committer"
    MERGER = "merger"
    BUILDER = "builder"
    """Who started the pipeline that built it."""
    ROBOT_OWNER = "robot_owner"
    """Whose robot did any of that."""


class Panel(Record):
    """N of M: so many different people, each with any of these roles."""

    any_of: list[str] = Field(min_length=1)
    people: int = Field(default=1, ge=1)


class Signatures(Record):
    """Needed signatures: one person for every entry of `roles`, and those of the panels."""

    roles: list[str] = Field(default_factory=list)
    panels: list[Panel] = Field(default_factory=list)

    def slots(self) -> Iterator[list[str]]:
        """For each needed signature the roles of which its signer must have one."""
        yield from ([role] for role in self.roles)
        for panel in self.panels:
            yield from (sorted(panel.any_of) for _ in range(panel.people))


class AgreementRule(Signatures):
    """Who must agree, and who may not: a different person for every signature."""

    classes: dict[str, Signatures] = Field(default_factory=dict)
    """Class of a component → what is needed besides when a bundle brings one of that class."""
    not_by: list[Involvement] = Field(default_factory=lambda: list(Involvement))
    """Whose signature does not count; administrators are no exception."""

    def required(self, classes: Iterable[str]) -> list[list[str]]:
        """The slots for a bundle with components of these classes."""
        also = [
            slot for name in sorted(set(classes) & set(self.classes)) for slot in self.classes[name].slots()
        ]
        return [*self.slots(), *also]

    @property
    def named_roles(self) -> list[str]:
        """Every role that the rule may ask for."""
        return sorted({role for slot in self.required(self.classes) for role in slot})


class ApprovalRule(AgreementRule):
    """Who must agree in the normal way of things; hours of validity."""

    valid_hours: int = Field(default=24, ge=1)

    @property
    def validity(self) -> timedelta:
        """How long the signatures may be given and used."""
        return timedelta(hours=self.valid_hours)
