"""The pages that a person opens: the issues of a project, and one issue with its comments and links."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from sandbox.jira.workplace import PROJECTS

router = APIRouter()
Json = dict[str, Any]

STYLE = """
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
body{margin:0;color:#172b4d}
header{background:#0747a6;color:#fff;padding:.6em 1.5em} header a{color:#fff}
main{max-width:60em;margin:1em auto;padding:0 1em}
.status{background:#dfe1e6;border-radius:3px;padding:.1em .5em;font-size:.85em}
.done{background:#e3fcef} .inprogress{background:#deebff}
.comment{border-top:1px solid #dfe1e6;padding:.6em 0} .body{white-space:pre-wrap}
table{border-collapse:collapse;width:100%}
td{text-align:left;padding:.3em .6em;border-bottom:1px solid #dfe1e6} small{color:#5e6c84}
"""
POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
LINK = re.compile(r"\[([^|\[\]\n\0]+)\|(https?://[^\]\s\0]+)\]|(https?://[^\s\[\]|\0]+)")

LITERAL = re.compile(r"\\([^\w\s])")
# In escaped text: braces and # are not touched by escaping.
DIMMED = re.compile(r"\{color:#[0-9A-Fa-f]{3,6}\}(.*?)\{color\}", re.DOTALL)


@router.get("/")
def overview(request: Request) -> HTMLResponse:
    """Every issue of every project."""
    store = request.app.state.store
    sections = []
    for project in PROJECTS.values():
        issues = sorted(
            (issue for issue in store.issues.values() if issue["project"] == project.key),
            key=lambda issue: int(issue["key"].partition("-")[2]),
        )
        rows = "".join(
            f'<tr><td><a href="/browse/{issue["key"]}">{issue["key"]}</a></td>'
            f"<td>{escape(issue['summary'])}</td><td>{_status(issue)}</td></tr>"
            for issue in issues
        )
        sections.append(f"<h2>{escape(project.name)} ({project.key})</h2><table>{rows}</table>")
    return _page("Jira", "".join(sections))


@router.get("/browse/{key}")
def browse(key: str, request: Request) -> HTMLResponse:
    """One issue."""
    store = request.app.state.store
    if key not in store.issues:
        missing = f"<h1>没有这个问题 · Issue Does Not Exist</h1><p>{escape(key)}</p>"
        return _page("Issue Does Not Exist", missing, 404)
    issue = store.issues[key]
    name = store.users[issue["reporter"]]["displayName"]
    title = f"[{key}] {issue['summary']}"
    return _page(
        title,
        f"<h1>{escape(issue['summary'])}</h1>"
        f"<p>{_status(issue)} <small>{escape(issue['type'])} · 报告人 {escape(name)} · "
        f"更新 {issue['updated']} {escape(issue['tupdated'])} UTC</small></p>"
        f'<p class="body">{linked(issue.get("description") or "")}</p>'
        f"<h2>链接</h2>{_links(issue)}<h2>备注</h2>{_comments(store, issue)}"
        f"<h2>历史</h2>{_history(store, issue)}",
    )


def linked(text: str) -> str:
    """Text as HTML: everything escaped, web addresses and [text|address] as links, colour as small print.

    A backslash makes the sign behind it plain text.
    """
    shown, end = [], 0
    text = text.replace("\0", "")
    hidden = [match.group(1) for match in LITERAL.finditer(text)]
    text = LITERAL.sub("\\0", text)
    for match in LINK.finditer(text):
        shown.append(escape(text[end : match.start()]))
        address = match.group(2) or match.group(3)
        shown.append(f'<a href="{escape(address)}">{escape(match.group(1) or address)}</a>')
        end = match.end()
    shown.append(escape(text[end:]))
    whole, plain = DIMMED.sub(r"<small>\1</small>", "".join(shown)), iter(hidden)
    return re.sub("\\0", lambda _: escape(next(plain)), whole)


def _status(issue: Json) -> str:
    return f'<span class="status {issue["statusCategory"]}">{escape(issue["statusName"])}</span>'


def _links(issue: Json) -> str:
    rows = "".join(
        f"<li>{escape(str(link.get('relationship') or ''))} "
        f'<a href="{escape(link["object"]["url"])}">{escape(link["object"]["title"])}</a> '
        f"<small>{escape(str(link['object'].get('summary') or ''))}</small></li>"
        for link in issue["remotelinks"]
    )
    return f"<ul>{rows}</ul>" if rows else "<p><small>没有</small></p>"


def _comments(store: Any, issue: Json) -> str:
    return "".join(
        f'<div class="comment"><small>{escape(store.users[one["author"]]["displayName"])} · {one["created"]} '
        f'{escape(one["tcreated"])} UTC</small><div class="body">{linked(one["body"])}</div></div>'
        for one in issue["comments"]
    )


def _history(store: Any, issue: Json) -> str:
    rows = "".join(
        f"<tr><td><small>{change['date']} {escape(change['time'])} UTC</small></td>"
        f"<td>{escape(store.users[change['author']]['displayName'])}</td><td>{escape(item['field'])}</td>"
        f"<td>{escape(item['fromString'] or '')} → {escape(item['toString'] or '')}</td></tr>"
        for change in issue["changelog"]
        for item in change["items"]
    )
    return f"<table>{rows}</table>"


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style></head><body><header><a href="/">Jira</a> '
        f"<small>沙箱替身 · sandbox stand-in</small></header><main>{body}</main></body></html>",
        status,
        POLICY,
    )
