"""The pages as one app: who comes is asked first, nothing can be changed, every answer is guarded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from hummingbird.cockpit.ledger_reader import LedgerReader
from hummingbird.cockpit.metric_pages import metric_pages
from hummingbird.cockpit.pages import FOLDER, HEADERS, Pages
from hummingbird.cockpit.story_pages import story_pages
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import DeliveryError, NotFound
from hummingbird.core.visitor import NotAllowed, SignInNeeded, Visitor

Admit = Callable[[Request], Awaitable[Visitor]]
"""The visitor of a request, or SignInNeeded or NotAllowed raised."""


def create_app(reader: LedgerReader, catalogue: Callable[[], Catalogue], admit: Admit) -> FastAPI:
    """The app over a ledger; `admit` tells who a request comes from, before anything else is done."""
    pages = Pages()

    async def visitor(request: Request) -> None:
        request.state.visitor = await admit(request)

    app = FastAPI(title="Hummingbird", openapi_url=None, dependencies=[Depends(visitor)])
    app.include_router(story_pages(reader, catalogue, pages))
    app.include_router(metric_pages(reader, catalogue, pages))
    # Style, script and signs hold nothing of the firm; the navigation shows the signs.
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.middleware("http")(_guarded)
    _answer_errors(app, pages)
    return app


async def _guarded(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await go_on(request)
    answer.headers.update(HEADERS)
    if not request.url.path.startswith(f"{request.scope.get('root_path', '')}/static/"):
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def told(request: Request, status: int, title: str, sentence: str) -> Response:
        return pages.show(request, "trouble.html", status, title=title, sentence=sentence)

    @app.exception_handler(SignInNeeded)
    def sign_in(request: Request, error: SignInNeeded) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(error.url, status_code=303)
        return JSONResponse({"detail": str(error)}, status_code=401)

    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, error: NotAllowed) -> Response:
        return told(request, 403, "Not for you", str(error))

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        names = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors()}))
        return told(request, 400, "Not understood", f"The address has a value that cannot be read: {names}.")

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        return told(request, error.status_code, "No such page", str(error.detail))

    @app.exception_handler(DeliveryError)
    def failed(request: Request, error: DeliveryError) -> Response:
        if isinstance(error, NotFound):
            return told(request, 404, "Not found", str(error))
        return told(request, 503, "The ledger cannot be read now", str(error))
