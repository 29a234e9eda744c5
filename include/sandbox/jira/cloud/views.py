"""What jira820 shows as Data Center does, as Jira Cloud shows it."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from sandbox.jira.cloud.accounts import account
from sandbox.jira.cloud.documents import document

Json = dict[str, Any]


def base_of(request: Request) -> str:
    """The server's own address."""
    return str(request.base_url).rstrip("/")


def clouded(node: Any, base: str) -> Any:
    """People by account id, addresses whole and of version 3."""
    if isinstance(node, list):
        return [clouded(each, base) for each in node]
    if isinstance(node, dict):
        if node.keys() >= {"name", "key", "displayName", "emailAddress"}:
            return account(node["name"], base)
        return {key: clouded(value, base) for key, value in node.items()}
    if isinstance(node, str) and node.startswith(("/rest/", "/images/", "/secure/")):
        return base + node.replace("/rest/api/2/", "/rest/api/3/", 1)
    return node


def issue_view(store: Any, key: str, fields: str, base: str) -> Json:
    """One issue with the fields asked for; its description as a document."""
    kept = store.get_issue(key)
    shown: Json = clouded(store.serializer.issue_res(kept, base, fields, ""), base)
    shown["self"] = f"{base}/rest/api/3/issue/{shown['id']}"
    if shown["fields"].get("description"):
        shown["fields"]["description"] = kept.get("adf") or document(kept["description"])
    return shown


def comment_view(store: Any, key: str, index: int, base: str) -> Json:
    """One comment; its body as the document that came, or made of wiki text."""
    kept = store.get_issue(key)["comments"][index]
    shown: Json = clouded(store.serializer.comment_obj(key, index, kept), base)
    del shown["renderedBody"]
    return {**shown, "body": kept.get("adf") or document(kept["body"]), "jsdPublic": True}
