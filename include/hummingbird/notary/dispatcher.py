"""The tasks that empty the outbox and run the errands: woken by a new entry, a due one, and now and then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from hummingbird.notary import errands, outbox
from hummingbird.notary.errands import run_due
from hummingbird.notary.office import Office
from hummingbird.notary.outbox import dispatch_due
from hummingbird.notary.watching import act

_LOOK_AGAIN = 30.0
"""Seconds: another process may have filled the outbox and died."""
_AFTER_TROUBLE = 2.0
_log = logging.getLogger("hummingbird.notary")


class Dispatcher:
    """Runs beside the routes, in one event loop: a round does what is due, and says when more is."""

    def __init__(self, do_round: Callable[[Office], float | None]) -> None:
        self._do_round = do_round
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
            pause = await asyncio.to_thread(self._round, office)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)

    def _round(self, office: Office) -> float:
        try:
            due = self._do_round(office)
        except SQLAlchemyError as error:
            told = " ".join(str(error).split())[:300]
            _log.warning("outbox: the ledger's database does not answer: %s", told)
            return _AFTER_TROUBLE
        return _LOOK_AGAIN if due is None else min(max(due, 0.05), _LOOK_AGAIN)


def start_runs(office: Office) -> float | None:
    """Start what the outbox asks for."""
    dispatch_due(office.writer, office.airflow)
    return outbox.seconds_until_due(office.writer)


def run_errands(office: Office) -> float | None:
    """Do what is due about questions; a slow mail server holds no run up."""
    run_due(office.writer, partial(act, office))
    return errands.seconds_until_due(office.writer)
