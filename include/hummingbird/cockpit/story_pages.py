"""Stories, one story, one row of the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hummingbird.cockpit.ledger_reader import LedgerReader
from hummingbird.cockpit.pages import Pages
from hummingbird.cockpit.story_board import board
from hummingbird.cockpit.story_file import story_file
from hummingbird.cockpit.story_reading import documents
from hummingbird.core.canonical import canonical_json
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import NotFound
from hummingbird.core.synthetic import is_synthetic
from hummingbird.ledger.chain import link

Sequence = Annotated[int, Path(ge=1, le=2**62)]


def story_pages(reader: LedgerReader, catalogue: Callable[[], Catalogue], pages: Pages) -> APIRouter:
    """The routes."""
    routes = APIRouter(default_response_class=Response)

    @routes.get("/")
    def front(request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/stories", status_code=303)

    @routes.get("/stories")
    def stories(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        show: Annotated[str, Query(pattern="^(all|waiting)$")] = "all",
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    ) -> Response:
        with reader.reading() as connection:
            found = board(connection, catalogue(), words=q, before=before, waiting_only=show == "waiting")
        return pages.show(request, "stories.html", board=found, q=q, show=show, before=before)

    @routes.get("/stories/{key}")
    def one_story(request: Request, key: Annotated[str, Path(max_length=30)]) -> Response:
        known = catalogue()
        with reader.reading() as connection:
            found = story_file(connection, known, key)
        if found is None:
            raise NotFound(f"the ledger knows nothing of {key}")
        return pages.show(request, "story.html", file=found, catalogue=known)

    @routes.get("/rows/{sequence}")
    def row(request: Request, sequence: Sequence) -> Response:
        with reader.reading() as connection:
            found = documents(connection, [sequence]).get(sequence)
        if found is None:
            raise NotFound(f"the ledger has no row {sequence}")
        written = canonical_json(found.envelope).decode("utf-8")
        return pages.show(
            request,
            "row.html",
            row=found,
            holds=link(found.previous_hash, written) == found.hash,
            document=json.dumps(found.envelope, ensure_ascii=False, indent=2, sort_keys=True),
            synthetic=is_synthetic(found.event.actor),
        )

    return routes
