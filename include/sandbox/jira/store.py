"""jira820's store with real times, the acting user as author, several projects and their versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jira820.config import Config
from jira820.serialize import Serializer
from jira820.store import JiraError, Store

from sandbox.jira.acting import ACTING
from sandbox.jira.workplace import CONDITIONS, FIRST_STATUS, PROJECTS, users
from sandbox.world import MAIL_DOMAIN

Json = dict[str, Any]


def clock() -> str:
    """The time of day in UTC, as jira820 keeps times."""
    return datetime.now(UTC).strftime("%H:%M:%S")


class JiraSerializer(Serializer):  # type: ignore[misc]  # jira820 has no types
    """Objects that differ from jira820's: people by mail, projects by name, versions as they are now."""

    def user_obj(self, uid: str) -> Json:
        """A person with an address of this workplace."""
        shown: Json = super().user_obj(uid)
        return {**shown, "emailAddress": f"{uid}@{MAIL_DOMAIN}"}

    def project_ref(self, key: str | None = None) -> Json:
        """The short form of a project."""
        project = PROJECTS[key or self.c.project_key]
        path = f"/rest/api/2/project/{project.identity}"
        return {
            "self": path,
            "id": project.identity,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
        }

    def version_obj(self, v: Json) -> Json:
        """A version by its id; an issue remembers nothing else of it."""
        version: Json = self.store.version(str(v["id"]))
        return {"self": f"/rest/api/2/version/{version['id']}", **version}


class JiraStore(Store):  # type: ignore[misc]  # jira820 has no types
    """The state of this Jira, written to its file after every change."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, seed=False)
        self.serializer = JiraSerializer(self)
        if Path(config.persist).exists():
            self._load(config.persist)
        self.users = users()
        self.told: Callable[[str, str, list[Json]], None] | None = None
        """Hears every change of an issue: its key, who changed it, and the changelog's items."""

    @property
    def now(self) -> date:
        """Today in UTC."""
        return datetime.now(UTC).date()

    def project_keys(self) -> set[str]:
        """Projects exist before their first issue."""
        return set(PROJECTS)

    def new_key(self, project: str | None = None) -> str:
        """The next key of a project."""
        place = PROJECTS[project or self.config.project_key]
        return f"{place.key}-{max(self._max_counter(place.key) + 1, place.first)}"

    def create_issue(self, fields: Json) -> Json:
        """Create an issue, reported by the acting user."""
        if not (fields.get("project") or {}).get("key"):
            raise JiraError(400, [], {"project": "project is required"})
        versions = self._named_versions(fields["project"]["key"], fields.get("fixVersions") or [])
        created: Json = super().create_issue({"reporter": {"name": ACTING.get()}, **fields})
        issue = self.issues[created["key"]]
        issue["fixVersions"], issue["tcreated"] = versions, clock()
        first = FIRST_STATUS.get(issue["type"])
        if first is not None:
            issue["statusName"], issue["statusCategory"] = first, self.workflow.category_of(first)
        self._touched(issue)
        return created

    def update_issue(self, key: str, fields: Json) -> None:
        """Change fields and record what changed."""
        issue = self.get_issue(key)
        versions = issue["fixVersions"]
        if "fixVersions" in fields:
            versions = self._named_versions(issue["project"], fields["fixVersions"] or [])
        before = {name: issue[name] or "" for name in ("summary", "description")}
        super().update_issue(key, fields)
        changes = [
            _change(name, old, issue[name] or "")
            for name, old in before.items()
            if old != (issue[name] or "")
        ]
        if versions != issue["fixVersions"]:
            old, new = (
                ", ".join(str(self.version(version["id"])["name"]) for version in group)
                for group in (issue["fixVersions"], versions)
            )
            changes.append(_change("Fix Version", old, new))
            issue["fixVersions"] = versions
        if changes:
            self._record(issue, changes)
        self._touched(issue)

    def transition_issue(self, key: str, transition_id: str, fields: Any = None, update: Any = None) -> None:
        """Move an issue; a closing without a resolution gets the usual one."""
        issue = self.get_issue(key)
        alone = CONDITIONS.get((issue["type"], self.workflow.target_of(transition_id)))
        if alone not in (None, ACTING.get()):
            raise JiraError(400, f"Transition id {transition_id} is not valid.")
        super().transition_issue(key, transition_id, fields=fields, update=update)
        moved = issue["changelog"].pop()
        self._record(issue, moved["items"])
        if issue["resolved"]:
            issue["tresolved"] = clock()
        self._touched(issue)

    def add_comment(self, key: str, body: str, author: str = "") -> Json:  # noqa: ARG002  # jira820 names its own
        """Comment as the acting user."""
        if not body.strip():
            raise JiraError(400, [], {"comment": "Comment body can not be empty!"})
        super().add_comment(key, body, author=ACTING.get())
        issue = self.issues[key]
        comment = issue["comments"][-1]
        # jira820 names comments from a counter that it does not keep over a restart, in local time.
        comment["id"] = self._next("comments", 10100)
        comment["tcreated"] = comment["tupdated"] = clock()
        self._touched(issue)
        written: Json = self.serializer.comment_obj(key, len(issue["comments"]) - 1, comment)
        return written

    def version(self, identity: str) -> Json:
        """A version of any project; JiraError when there is none."""
        for version in self.versions:
            if version["id"] == identity:
                found: Json = version
                return found
        raise JiraError(404, f"Could not find version for id '{identity}'")

    def save_version(self, version: Json) -> None:
        """Keep a new version, or the changes to one."""
        if version not in self.versions:
            self.versions.append(version)
        self.save()

    def _named_versions(self, project: str, named: list[Json]) -> list[Json]:
        """The ids of versions given by id or by name."""
        mine = [v for v in self.versions if v["projectId"] == int(PROJECTS[project].identity)]
        found = []
        for one in named:
            matching = [v for v in mine if str(one.get("id")) == v["id"] or one.get("name") == v["name"]]
            if not matching:
                raise JiraError(400, [], {"fixVersions": f"Version name '{one.get('name')}' is not valid"})
            found.append({"id": matching[0]["id"]})
        return found

    def _next(self, kind: str, first: int) -> str:
        taken = [int(one["id"]) for issue in self.issues.values() for one in issue[kind]]
        return str(max([first, *(number + 1 for number in taken if number < 100_000)]))

    def _record(self, issue: Json, items: list[Json]) -> None:
        issue["changelog"].append({"author": ACTING.get(), "date": self.now, "time": clock(), "items": items})
        if self.told is not None:
            self.told(issue["key"], ACTING.get(), items)

    def _touched(self, issue: Json) -> None:
        issue["updated"], issue["tupdated"] = self.now, clock()
        self.save()


def _change(field: str, before: str, after: str) -> Json:
    return {
        "field": field,
        "fieldtype": "jira",
        "from": None,
        "fromString": before,
        "to": None,
        "toString": after,
    }
