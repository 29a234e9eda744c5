"""The task that empties the outbox: woken by a new entry, by a due retry, and now and then by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from sqlalchemy.exc import SQLAlchemyError

from hummingbird.notary.office import Office
from hummingbird.notary.outbox import dispatch_due, seconds_until_due

_LOOK_AGAIN = 30.0
"""Seconds: another process may have filled the outbox and died."""
_AFTER_TROUBLE = 2.0
_log = logging.getLogger("hummingbird.notary")


class Dispatcher:
    """Runs beside the routes, in one event loop."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look at the outbox now; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self, office: Office) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            pause = await asyncio.to_thread(_round, office)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)


def _round(office: Office) -> float:
    try:
        dispatch_due(office.writer, office.airflow)
        due = seconds_until_due(office.writer)
    except SQLAlchemyError as error:
        _log.warning("outbox: the ledger's database does not answer: %s", " ".join(str(error).split())[:300])
        return _AFTER_TROUBLE
    return _LOOK_AGAIN if due is None else min(max(due, 0.05), _LOOK_AGAIN)
