"""Templates to answers: every page is escaped, carries its rules for the browser, and is kept by nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from hummingbird.cockpit import wording
from hummingbird.core.metric import TIMEZONE

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            # Airflow shows the pages in a frame of its own; nobody else may.
            "frame-ancestors 'self'",
        )
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Pages:
    """The templates, and addresses as a request sees them."""

    def __init__(self) -> None:
        # Everything is escaped, whatever a template is called: titles are what people typed.
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            moment=wording.moment,
            duration=wording.duration,
            short=wording.short,
            measured=wording.measured,
            web=wording.web_address,
            address=lambda text: quote(str(text), safe=""),
        )
        self._templates.globals["zone"] = TIMEZONE

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        return HTMLResponse(self.text(request, template, **values), status_code=status)

    def text(self, request: Request, template: str, **values: Any) -> str:
        """Its HTML; `here` and `airflow` make addresses below the app and below Airflow."""
        root = str(request.scope.get("root_path") or "")
        outer = str(request.scope.get("app_root_path") or "")
        return self._templates.get_template(template).render(
            here=lambda path="", **query: _address(root, path, query),
            airflow=lambda path, **query: _address(outer, path, query),
            run_page=lambda name: _run_page(outer, name),
            visitor=getattr(request.state, "visitor", None),
            **values,
        )


def _address(root: str, path: str, query: dict[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{root}{path}?{urlencode(given)}" if given else f"{root}{path}"


def _run_page(outer: str, name: str | None) -> str | None:
    """A run's page in Airflow, by the ledger's name of the run."""
    dag_id, _, run_id = (name or "").partition("/")
    if not dag_id or not run_id:
        return None
    return f"{outer}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def safe_svg(drawn: str) -> Markup:
    """A drawing by the chart library, which escaped what it was given."""
    return Markup(drawn)  # noqa: S704  # built as an XML tree, never from strings
