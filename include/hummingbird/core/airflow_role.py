"""Roles of Airflow in the platform's words: what whoever holds one may do there, path by path."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.record import Record

ADMINISTRATORS = "Admin"
"""Airflow's own role that may everything; the catalogue names its holders and not its rights."""
STOCK = (ADMINISTRATORS, "Op", "User", "Viewer", "Public")
"""Roles that Airflow brings along and fills again at every start."""


class AirflowRole(Record):
    """Whoever holds it reads everything; beyond that they may what is named here, and nothing else."""

    name: str
    starts: list[str] = Field(default_factory=list)
    """Paths whose runs they start."""
    answers: list[str] = Field(default_factory=list)
    """Paths whose prompts they answer, of those that are assigned to them."""
    annotates: list[str] = Field(default_factory=list)
    """Paths whose runs' notes they write: Airflow's right for it covers a run's state too."""
    pauses: list[str] = Field(default_factory=list)
    """Paths that they may pause and unpause."""
    audit_log: bool = False
    """Whether they read Airflow's own audit log."""

    @property
    def paths(self) -> list[str]:
        """Every path that is named, once."""
        return sorted({*self.starts, *self.answers, *self.annotates, *self.pauses})
