"""What an approver reads: three lines first, then everything, from the ledger and escaped."""

from __future__ import annotations

import html

from airflow.configuration import conf

from hummingbird.core.approval import RequestStatus, Signature
from hummingbird.core.catalogue import Catalogue

_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()#+!|<>"})


def plain(text: str) -> str:
    """Text that Markdown and HTML show as it is, on one line, without invisible direction marks."""
    visible = "".join(c for c in text if c.isprintable() or c == " ")
    return html.escape(visible, quote=False).translate(_MARKDOWN)


def prompt_subject(catalogue: Catalogue, status: RequestStatus, signature: Signature) -> str:
    """One line: story, environment, role, the first digits of the request and the signature's number."""
    request = status.request
    environment = catalogue.environment(request.environment)
    urgent = f"EMERGENCY {request.emergency.incident} " if request.emergency else ""
    told = f"{urgent}{request.story} → {environment.name}: {request.operation} asks {signature.role} "
    return f"{told}[{status.id[:12]}-{signature.number}]"


def prompt_body(catalogue: Catalogue, status: RequestStatus, role: str) -> str:
    """Markdown: what changes, what is different, what could hurt; then details and what a rejection does."""
    request = status.request
    asked_by = catalogue.persons[request.requester].title if request.requester else "the platform"
    lines = [
        f"**What changes:** {plain(request.brief.changes)}",
        "",
        f"**What is different from what runs:** {plain(request.brief.different)}",
        "",
        f"**What could hurt:** {plain(request.brief.risk)}",
        "",
        f"Asked by {plain(asked_by)} for role **{plain(role)}**; valid until "
        f"{request.expires_at:%Y-%m-%d %H:%M} UTC. "
        "A rejection needs a reason; the requester and the authors hear it.",
        "",
    ]
    lines += [f"- {plain(detail)}" for detail in request.brief.details]
    return "\n".join(lines)


def required_actions_url(path: str = "approval") -> str:
    """Where people find the prompts of a path."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/required_actions?response_received=false&dag_display_name_pattern={path}"
