"""One thing that a component needs: there, or missing with the mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hummingbird.core.errors import DeliveryError
from hummingbird.core.record import Record


class Check(Record):
    """One line of the doctor."""

    system: str
    subject: str
    ok: bool
    told: str
    mend: str = ""
    """What to do; empty when it is there."""

    @property
    def line(self) -> str:
        """The check in one line."""
        start = f"{'ok     ' if self.ok else 'missing'}  {self.system:<12} {self.subject}: {self.told}"
        return start if self.ok or not self.mend else f"{start}; {self.mend}"


def there(system: str, subject: str, told: str) -> Check:
    """It is as it must be."""
    return Check(system=system, subject=subject, ok=True, told=told)


def missing(system: str, subject: str, told: str, mend: str) -> Check:
    """It is not, and this is what to do."""
    return Check(system=system, subject=subject, ok=False, told=told, mend=mend)


def either(system: str, subject: str, ok: bool, told: str, absent: str, mend: str) -> Check:
    """One of both."""
    return there(system, subject, told) if ok else missing(system, subject, absent, mend)


def asked(system: str, subject: str, mend: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks of a look; a system that does not answer, or refuses, is one missing line."""
    try:
        yield from look()
    except DeliveryError as error:
        yield missing(system, subject, str(error), mend)
