"""Reading that jira820 answers too kindly: comments of no issue, and searches by fields that it ignores."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from jira820.jql import filter_keys
from jira820.store import JiraError

router = APIRouter(prefix="/rest/api/2")
Json = dict[str, Any]

SEARCHED = {
    "project",
    "key",
    "status",
    "statuscategory",
    "type",
    "issuetype",
    "assignee",
    "reporter",
    "labels",
}
SEARCHED |= {"component", "summary", "description", "comment", "text"}
SEARCHED |= {"created", "updated", "resolved", "resolutiondate", "due", "duedate"}
CLAUSE = re.compile(r'(?i)("[^"]*"|[\w\[\]]+)\s*(?:!=|>=|<=|=|>|<|!?~|\bnot\s+in\b|\bin\b)')


@router.get("/issue/{key}/comment")
def comments(
    key: str,
    request: Request,
    startAt: int = 0,  # noqa: N803  # Jira's name
    maxResults: int = 1000,  # noqa: N803
    orderBy: str = "",  # noqa: N803
) -> Json:
    """Comments of an issue, oldest first unless asked otherwise."""
    store = request.app.state.store
    issue = store.get_issue(key)
    written = [store.serializer.comment_obj(key, index, one) for index, one in enumerate(issue["comments"])]
    if orderBy.startswith("-"):
        written.reverse()
    page = written[startAt : startAt + maxResults]
    return {"startAt": startAt, "maxResults": maxResults, "total": len(written), "comments": page}


@router.get("/issue/{key}/comment/{identity}")
def comment(key: str, identity: str, request: Request) -> Json:
    """One comment."""
    for one in comments(key, request)["comments"]:
        if one["id"] == identity:
            found: Json = one
            return found
    raise JiraError(404, f"Can not find a comment for the id: {identity}.")


@router.get("/search")
def search(
    request: Request,
    jql: str = "",
    startAt: int = 0,  # noqa: N803  # Jira's name
    maxResults: int = 50,  # noqa: N803
    fields: str = "",
    expand: str = "",
) -> Json:
    """Issues that a query finds."""
    check_query(jql)
    store, base = request.app.state.store, str(request.base_url).rstrip("/")
    keys = filter_keys(store, jql)
    issues = [
        store.serializer.issue_res(store.issues[key], base, fields, expand)
        for key in keys[startAt : startAt + maxResults]
    ]
    return {
        "expand": "schema,names",
        "startAt": startAt,
        "maxResults": maxResults,
        "total": len(keys),
        "issues": issues,
    }


def check_query(jql: str) -> None:
    """JiraError for a query that jira820 would answer by leaving a part of it out."""
    conditions = re.split(r"(?i)\border\s+by\b", jql)[0]
    bare = re.sub(r"""(?<=[=~(,\s])("[^"]*"|'[^']*')(?=\s*(?:[),]|$|\band\b|\bor\b))""", "x", conditions)
    named = [match.group(1).strip('"').lower() for match in CLAUSE.finditer(bare)]
    if bare.strip() and not named:
        raise JiraError(400, f"Error in the JQL Query: no condition could be read in '{jql}'.")
    for field in named:
        if field not in SEARCHED:
            raise JiraError(501, f"The sandbox's Jira does not search by '{field}'.")
