"""A run whose task has just changed is the next one that the scheduler looks at, however many others wait.

Airflow 3.3.2 looks at `max_dagruns_per_loop_to_schedule` running runs a loop, the one looked at longest ago
first (`DagRun.get_running_dag_runs_to_examine`), and runs that wait for people are running ones: among a
thousand of them every step of every other run would wait for its turn. A run without
`last_scheduling_decision` goes first. docs/adr/0036-a-run-that-moves-is-looked-at-first.md
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_STATE = re.compile(r"/execution/task-instances/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/state$")
_LONGEST_LOCK = "5s"
_log = logging.getLogger(__name__)


def look_next(task_instance: str) -> None:
    """Put the task's run in front of the scheduler's line; what fails costs time alone, and is logged."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import text, update
    from sqlalchemy.exc import SQLAlchemyError

    change = (
        update(DagRun)
        .where(TaskInstance.id == task_instance)
        .where(DagRun.dag_id == TaskInstance.dag_id, DagRun.run_id == TaskInstance.run_id)
        .where(DagRun.state == "running")
        .values(last_scheduling_decision=None)
        .execution_options(synchronize_session=False)
    )
    try:
        with create_session() as session:
            # The scheduler may be looking at this very run: then wait, it may have looked too early.
            session.execute(text(f"SET LOCAL lock_timeout = '{_LONGEST_LOCK}'"))
            session.execute(change)
    except SQLAlchemyError as error:
        _log.warning("task %s: its run waits for its turn: %s", task_instance, str(error).splitlines()[0])


class NextLook:
    """ASGI: after a task told Airflow's execution API its new state, its run goes to the front.

    The task's answer does not wait for that. One at a time: a run that is locked holds up no more than one
    of the server's connections to the database.
    """

    def __init__(self, app: App, look: Callable[[str], None] = look_next) -> None:
        self._app, self._look = app, look
        self._looking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="next-look")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        told = (
            _STATE.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PATCH" else None
        )
        if told is None:
            await self._app(scope, receive, send)
            return
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, note)
        if status < 300:
            self._looking.submit(self._look, told.group(1)).add_done_callback(_tell)


def _tell(looked: Future[None]) -> None:
    error = looked.exception()
    if error is not None:
        _log.error("a run waits for its turn: %s", error, exc_info=error)
