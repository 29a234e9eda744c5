"""A pytest plugin: the tests are collected once, and run one by one as they are asked for over a pipe.

It is loaded into the process of the code under test, so it knows nothing but pytest and the standard
library. Each line of the pipes is a JSON document. First: {"cases": [names], "problems": {file: why}}. Then
for each line {"run": name} one line {"outcome", "seconds", "message", "log", "requests"}. When the pipe is
closed, pytest ends.

A case is run with no next one: fixtures of classes and modules are made and torn down with it, so that it
matters to no case which pod ran which other one before.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from typing import Any, TextIO

import pytest

FDS = "HUMMINGBIRD_FEED"
"""Environment variable: the numbers of the pipe to read from and the one to write to."""
LOGGER = "http.requests"
MOST_REQUESTS = 100
LONGEST_LINE = 2000
LONGEST_LOG = 16000
LONGEST_MESSAGE = 300
LONGEST_NAME = 240


def pytest_configure(config: pytest.Config) -> None:
    """Take over where the pipes are given."""
    if FDS in os.environ:
        config.pluginmanager.register(Feeder(), "hummingbird-feeder")


class Requests(logging.Handler):
    """What the suite's client told of its HTTP requests."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line; of very many the last ones."""
        self.lines.append(record.getMessage().replace("\n", " ")[:LONGEST_LINE])
        del self.lines[:-MOST_REQUESTS]


class Feeder:
    """One session of pytest that is fed with names."""

    def __init__(self) -> None:
        numbers = [int(number) for number in os.environ.pop(FDS).split(",")]
        for number in numbers:
            os.set_inheritable(number, False)  # programs that a test starts must not hold the pipes
        self._commands: TextIO = os.fdopen(numbers[0], encoding="utf-8")
        self._answers: TextIO = os.fdopen(numbers[1], "w", encoding="utf-8")
        self._problems: dict[str, str] = {}
        self._reports: list[pytest.TestReport] = []
        self._requests = Requests()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected."""
        if report.failed:
            self._problems[report.nodeid] = _error_lines(report.longreprtext) or "it cannot be collected"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the parts of the case that runs: set-up, call, subtests, tear-down."""
        self._reports.append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop: run what is asked for until nothing is any more."""
        items = {name_of(item.nodeid): item for item in session.items}
        logger = logging.getLogger(LOGGER)
        logger.setLevel(logging.INFO)
        logger.addHandler(self._requests)
        self._tell({"cases": list(items), "problems": self._problems})
        for line in self._commands:
            self._tell(self._run(items, json.loads(line)["run"]))
        return True

    def _run(self, items: dict[str, pytest.Item], name: str) -> dict[str, Any]:
        if name not in items:
            return {"outcome": "error", "seconds": 0.0, "message": "it was not collected here", "log": ""}
        self._reports.clear()
        self._requests.lines.clear()
        items[name].config.hook.pytest_runtest_protocol(item=items[name], nextitem=None)
        return {
            **verdict(self._reports),
            "seconds": sum(report.duration for report in self._reports if not hasattr(report, "context")),
            "requests": list(self._requests.lines),
        }

    def _tell(self, document: dict[str, Any]) -> None:
        self._answers.write(json.dumps(document) + "\n")
        self._answers.flush()


def name_of(nodeid: str) -> str:
    """The node id; of one that a long parameter made longer than anybody reads, its beginning and a hash."""
    if len(nodeid) <= LONGEST_NAME:
        return nodeid
    return (
        f"{nodeid[:LONGEST_NAME]}…{hashlib.sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    )


def verdict(reports: list[pytest.TestReport]) -> dict[str, str]:
    """Outcome, message and log of one case's parts; a set-up or tear-down that fails is an error."""
    bad = [report for report in reports if report.failed]
    if bad:
        outcome = "failed" if any(report.when == "call" for report in bad) else "error"
        message = next((told for report in bad if (told := _message(report))), "it failed without a word")
        return {"outcome": outcome, "message": message[:LONGEST_MESSAGE], "log": _log(bad, reports[-1])}
    skipped = next((report for report in reports if report.skipped), None)
    if skipped is None or hasattr(skipped, "wasxfail"):
        return {"outcome": "passed", "message": "", "log": ""}
    why = skipped.longrepr[2] if isinstance(skipped.longrepr, tuple) else skipped.longreprtext
    return {"outcome": "skipped", "message": why.removeprefix("Skipped: ")[:LONGEST_MESSAGE], "log": ""}


def _message(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return " ".join(str(crash.message if crash else _error_lines(report.longreprtext)).split())


def _error_lines(text: str) -> str:
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return " ".join(errors or text.split("\n")[-1:])[:LONGEST_MESSAGE]


def _log(bad: list[pytest.TestReport], last: pytest.TestReport) -> str:
    """Tracebacks, then what was captured; the last report holds the output of all parts."""
    told = [report.longreprtext for report in bad]
    told += [f"--- {title}\n{content}" for title, content in last.sections]
    return "\n".join(told)[-LONGEST_LOG:]
