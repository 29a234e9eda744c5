"""The supervisor's process: guarded, then given all parts."""

from __future__ import annotations

from sandbox.onebox.parts import all_parts, farewell
from sandbox.onebox.place import Place
from sandbox.onebox.processes import Sessions, guard
from sandbox.onebox.supervisor import supervise as run_supervisor

GUARD_GRACE_SECONDS = 5.0


def supervise(place: Place) -> int:
    """Run until SIGTERM; a guard ends everything should this process be killed."""
    guard(Sessions(place.run / "sessions.json"), GUARD_GRACE_SECONDS)
    return run_supervisor(place, all_parts(place), farewell(place))
