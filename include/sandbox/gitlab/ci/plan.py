"""Which jobs a .gitlab-ci.yml gives for a pipeline: gitlab-ci-local evaluates includes, rules, matrices."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import yaml

from sandbox.gitlab.ci.tool import command, tool_environment
from sandbox.gitlab.errors import message
from sandbox.gitlab.git import kill
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

PROBE = "workflow-probe"
TIMEOUT = 60
"""Seconds for one evaluation."""


def _invalid(text: str) -> Exception:
    return message(400, {"base": [text]})


async def _evaluate(site: Site, tree: Path, variables: dict[str, str], *options: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command(site),
        *options,
        cwd=tree,
        env=tool_environment(site, tree.parent / "home", variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            output, complaint = await process.communicate()
    except TimeoutError as error:
        raise _invalid(f"evaluating .gitlab-ci.yml took more than {TIMEOUT} seconds") from error
    finally:
        await kill(process)
    if process.returncode != 0:
        raise _invalid(complaint.decode("utf-8", "replace").strip()[-1000:])
    return output.decode("utf-8", "replace")


def _start(output: str, mark: str) -> int:
    """Where the document begins: the tool may print warnings before it."""
    found = re.search(rf"(?m)^{re.escape(mark)}", output)
    if found is None:
        raise _invalid(output.strip()[-1000:])
    return found.start()


async def _listed(site: Site, tree: Path, variables: dict[str, str], *options: str) -> list[Document]:
    """The jobs that would run, by the tool's own list, which keeps those that never do."""
    output = await _evaluate(site, tree, variables, "--list-json", *options)
    return [entry for entry in json.loads(output[_start(output, "[") :]) if entry["when"] != "never"]


async def _workflow_allows(site: Site, tree: Path, variables: dict[str, str], content: Document) -> bool:
    """Ask the tool, which itself takes only variables from `workflow: rules`, as rules of a job."""
    rules = (content.get("workflow") or {}).get("rules")
    if not rules:
        return True
    probe = tree.parent / f"{PROBE}.yml"
    globals_ = {key: content[key] for key in ("variables",) if key in content}
    probe.write_text(yaml.safe_dump({**globals_, PROBE: {"script": ["true"], "rules": rules}}), "utf-8")
    listed = await _evaluate(
        site, tree, variables, "--list-json", "--no-json-schema-validation", "--file", f"../{probe.name}"
    )
    return any(
        job["name"] == PROBE and job["when"] != "never" for job in json.loads(listed[listed.index("[") :])
    )


async def plan(site: Site, tree: Path, variables: dict[str, str], file: str) -> list[Document]:
    """The jobs in the order of their stages; 400 in GitLab's shape for a file that gives none."""
    if not (tree / file).is_file():
        raise _invalid("Missing CI config file")
    preview = await _evaluate(site, tree, variables, "--preview", "--file", file)
    content = yaml.safe_load(preview[_start(preview, "---") :])
    allowed, listed = await asyncio.gather(
        _workflow_allows(site, tree, variables, content),
        _listed(site, tree, variables, "--no-json-schema-validation", "--file", file),
    )
    if not allowed:
        raise _invalid("Pipeline filtered out by workflow rules.")
    jobs = [_job(entry, content) for entry in listed]
    if not jobs:
        raise _invalid(
            "Pipeline will not run for the selected trigger. "
            "The rules configuration prevented any jobs from being added to the pipeline."
        )
    return jobs


def _job(entry: dict[str, Any], content: Document) -> Document:
    name = entry["name"]
    definition = content.get(name) or content.get(name.split(":", 1)[0]) or {}
    allow = entry["allow_failure"]
    if entry["when"] == "manual" and "rules" not in definition and "allow_failure" not in definition:
        # GitLab's default for a plain manual job, which the tool does not share.
        allow = True
    if entry["when"] == "delayed":
        raise _invalid(f"jobs:{name} when: delayed is not served by this stand-in")
    needs = entry.get("needs")
    return {
        "name": name,
        "stage": entry["stage"],
        "when": entry["when"],
        "allow_failure": allow,
        "needs": None if needs is None else [need["job"] for need in needs],
        "artifacts": definition.get("artifacts") or {},
        "image": _image(definition),
    }


def _image(definition: Document) -> str | None:
    """The image's name in either of its forms, the file's defaults put in by the tool; None without one."""
    image = definition.get("image")
    return (image.get("name") if isinstance(image, dict) else image) or None
