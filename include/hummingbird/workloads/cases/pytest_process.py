"""A pytest process that waits to be fed: started in a clean environment, ended with all that it started."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from hummingbird.core.errors import Invalid, Unreachable
from hummingbird.workloads.cases.pipe import Broken, LinePipe
from hummingbird.workloads.cases.runner import Beat, SuitePlace
from hummingbird.workloads.process import clean_environment, stop_group

FDS = "HUMMINGBIRD_FEED"
"""Environment variable that the plugin takes its two pipes from; it imports nothing of ours."""
COLLECT_SECONDS = 300.0
"""How long a suite may take until its tests are collected."""
GOODBYE_SECONDS = 5.0
LAST_WORDS = 8000
"""Bytes of the end of its output that are kept."""
_FEEDING = Path(__file__).parent / "feeding"


class PytestProcess:
    """One process; `close` ends it in any case."""

    def __init__(self, place: SuitePlace) -> None:
        """Raises Unreachable when the machine can not start it now."""
        folder = tests_folder(place)
        self._said = place.scratch / "pytest.out"
        home = place.scratch / "home"
        home.mkdir(exist_ok=True)
        argv = [sys.executable, "-m", "pytest", "-q", "--color=no", "--no-summary", "-p", "no:cacheprovider"]
        argv += ["-p", "hummingbird_feeder", f"--rootdir={place.checkout}"]
        argv += [str(folder.relative_to(place.checkout.resolve()))]
        paths = [str(path) for path in (place.checkout / "src", place.checkout) if path.is_dir()]
        self._pipe = LinePipe()
        settings = {
            "PYTHONPATH": ":".join([*paths, str(_FEEDING)]),
            # Plugins are loaded by name only: what is installed here by chance is no part of the tests.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            FDS: ",".join(str(number) for number in self._pipe.for_child),
        }
        with self._said.open("wb") as said:
            try:
                self._process = subprocess.Popen(
                    argv,
                    cwd=place.checkout,
                    env=clean_environment(home, {**place.environment, **settings}),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    pass_fds=self._pipe.for_child,
                    process_group=0,
                )
            except OSError as error:
                self._pipe.close()
                raise Unreachable(f"pytest can not be started: {error.strerror}") from error
            finally:
                self._pipe.started()

    def collected(self, beat: Beat) -> dict[str, Any]:
        """What it found: its first line; Silent or Broken when it finds nothing out."""
        return self._pipe.answer(COLLECT_SECONDS, beat)

    def run(self, name: str, seconds: float, beat: Beat) -> dict[str, Any]:
        """The end of one case; Silent when it hangs, Broken when the process dies."""
        self._pipe.ask({"run": name})
        return self._pipe.answer(seconds, beat)

    def abort(self) -> str:
        """End it where it hangs; where each of its threads was, which Python tells when it is aborted."""
        self._process.send_signal(signal.SIGABRT)
        self._gone_within(GOODBYE_SECONDS)
        return self.last_words()

    def end_of(self, error: Broken) -> str:
        """How it came to its end, in a few words."""
        if not self._gone_within(GOODBYE_SECONDS):
            return str(error)
        code = self._process.returncode
        said = " ".join(self.last_words().split())[-200:]
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return f"{how}: {said}" if said else how

    def last_words(self) -> str:
        """The end of all that it printed."""
        with self._said.open("rb") as said:
            said.seek(max(0, self._said.stat().st_size - LAST_WORDS))
            return said.read().decode("utf-8", "replace")

    def close(self) -> None:
        """End it and what it started; closing the pipe alone lets a well-behaved one leave by itself."""
        self._pipe.close()
        stop_group(self._process)

    def _gone_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def tests_folder(place: SuitePlace) -> Path:
    """The suite's folder; Invalid when the commit has none, or it lies outside."""
    root = place.checkout.resolve()
    folder = (root / place.suite.path).resolve()
    if not folder.is_relative_to(root) or not folder.exists():
        raise Invalid(f"the commit has no folder {place.suite.path} with tests; the catalogue names it")
    return folder
