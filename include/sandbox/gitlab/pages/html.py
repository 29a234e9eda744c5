"""HTML by hand: every text is escaped where it enters, pieces are joined as they are."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from aiohttp import web

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 68rem; margin: 2rem auto; }
body { padding: 0 1rem; }
a { color: LinkText; } h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
pre { background: var(--soft); padding: .8rem; overflow: auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.note { border: 1px solid var(--line); border-radius: 4px; padding: .2rem .8rem; margin: .6rem 0; }
.badge { border: 1px solid var(--line); border-radius: 1em; padding: 0 .6em; font-size: .85em; }
.success, .merged { color: light-dark(#106c30, #6fdc8c); } .failed { color: light-dark(#b3261e, #ff8a80); }
.running, .pending, .opened { color: light-dark(#0b57d0, #8ab4f8); } nav, small { opacity: .75; }
"""


def text(value: object) -> str:
    """A value as escaped text; nothing for None."""
    return "" if value is None else escape(str(value))


def link(url: str, label: object) -> str:
    """A link whose address is quoted and whose label is escaped."""
    return f'<a href="{escape(quote(url, safe="/:%#?=&-._~@!+,"))}">{text(label)}</a>'


def badge(status: object) -> str:
    """A status as a small coloured word."""
    return f'<span class="badge {text(status)}">{text(status)}</span>'


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of ready cells; a sentence when it has no row."""
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return "<p><small>Nothing yet.</small></p>"
    return (
        "<table><tr>"
        + "".join(f"<th>{text(name)}</th>" for name in head)
        + "</tr>"
        + "".join(lines)
        + "</table>"
    )


def block(value: object) -> str:
    """Text whose lines and spaces are kept."""
    return f"<pre>{text(value)}</pre>"


def page(title: str, body: str, *, above: Iterable[tuple[str, str]] = (), status: int = 200) -> web.Response:
    """A whole page with the way back up to its project."""
    way = " / ".join(link(url, label) for url, label in (("/", "GitLab (sandbox)"), *above))
    document = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>"
        f"<body><nav>{way}</nav><h1>{text(title)}</h1>{body}</body></html>"
    )
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(
        status=status, body=document.encode(), content_type="text/html", charset="utf-8", headers=policy
    )
