"""The notary as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from functools import cache, partial

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from hummingbird.notary import replies
from hummingbird.notary.body_limit import MEBIBYTE, BodyLimit
from hummingbird.notary.dispatcher import Dispatcher, run_errands, start_runs
from hummingbird.notary.issue_answers import read_answers
from hummingbird.notary.office import Office
from hummingbird.notary.routes import (
    approvals,
    builds,
    bundles,
    emergencies,
    events,
    evidence,
    jobs,
    nights,
    state,
    tickets,
    verdicts,
    warrants,
    webhooks,
    withdrawals,
)
from hummingbird.notary.usher import Usher

_SUBJECTS = (
    state,
    events,
    evidence,
    builds,
    bundles,
    verdicts,
    approvals,
    withdrawals,
    warrants,
    emergencies,
    tickets,
    jobs,
    nights,
    webhooks,
)


def create_app(office: Office) -> FastAPI:
    """The application; its dispatcher and its usher live as long as it does."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        usher = Usher()
        dispatchers = [Dispatcher(start_runs), Dispatcher(run_errands), Dispatcher(read_answers)]
        wake = partial(_wake_all, dispatchers)
        app.state.office = dataclasses.replace(office, wake=wake, call=usher.call)
        beside: list[Dispatcher | Usher] = [*dispatchers, usher]
        tasks = [asyncio.create_task(one.run(app.state.office)) for one in beside]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            office.writer.dispose()
            office.reader.dispose()

    # No pages and no schema on the air: the contract is in the repository.
    app = FastAPI(
        title="Hummingbird notary",
        routes=list(_routes()),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    replies.install(app)
    app.add_middleware(BodyLimit, limits={"/webhooks/": MEBIBYTE}, otherwise=16 * MEBIBYTE)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    # Made once: FastAPI reads the signature of every function anew for each application.
    every = APIRouter()
    for subject in _SUBJECTS:
        every.include_router(subject.router)
    return tuple(every.routes)


def _wake_all(dispatchers: list[Dispatcher]) -> None:
    for dispatcher in dispatchers:
        dispatcher.wake()
