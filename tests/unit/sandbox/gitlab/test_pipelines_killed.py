"""A pipeline whose sandbox was killed."""

from __future__ import annotations

from pathlib import Path

import gitlab
import pytest

from stand_ins import free_world
from unit.sandbox.gitlab.gitlab_process import Served, alive
from waiting import until


@pytest.mark.long
def test_a_pipeline_that_ran_when_the_sandbox_was_killed_has_failed(installed: Path, tmp_path: Path) -> None:
    world = free_world(tmp_path / "home", "gitlab")
    (world.home).mkdir()
    (world.home / "node").symlink_to(installed)
    hub_of = gitlab.Gitlab(world.url("gitlab"), private_token=world.secret("gitlab.administrator")).projects
    mark = tmp_path / "pid"
    content = f"slow: {{script: ['echo $$ > {mark}; sleep 300']}}\n"
    with Served(world) as process:
        hub = hub_of.create({"name": "p", "initialize_with_readme": True})
        fields = {
            "branch": "master",
            "commit_message": "ci",
            "content": content,
            "file_path": ".gitlab-ci.yml",
        }
        hub.files.create(fields)
        made = hub.pipelines.create({"ref": "master"})
        until(lambda: mark.exists() and mark.read_text().strip() != "")
        process.kill()
        process.wait()
        until(lambda: not alive(int(mark.read_text())))
    with Served(world):
        pipeline = hub.pipelines.get(made.id)
        assert pipeline.status == "failed"
        assert pipeline.jobs.list()[0].failure_reason == "runner_system_failure"
