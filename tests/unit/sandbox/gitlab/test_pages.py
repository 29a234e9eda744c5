"""Pages for people: every web_url answers, nothing foreign runs in them."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest

from unit.sandbox.gitlab.gitlab_world import Clone, Running


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        return str(response.read().decode("utf-8"))


def test_every_web_url_is_a_page_with_its_chinese_title(
    running: Running, project: Any, developer: Clone
) -> None:
    developer.commit("feat(HB-101): 限价单", {"src/app.py": "print('two')\n"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    hub = running.api("developer").projects.get(project.id)
    fields = {"source_branch": "feature/HB-101", "target_branch": "develop", "title": "HB-101 限价单校验"}
    request = hub.mergerequests.create({**fields, "description": "描述"})
    request.notes.create({"body": "扫描通过"})
    branch = hub.branches.get("feature/HB-101")
    compared = hub.repository_compare("develop", "feature/HB-101")

    assert "trading/order-gateway" in read(running.world.url("gitlab") + "/")
    assert "HB-101 限价单校验" in read(hub.web_url)
    page = read(request.web_url)
    assert "HB-101 限价单校验 (!1)" in page
    assert "扫描通过" in page
    assert "描述" in page
    assert "feat(HB-101): 限价单" in read(branch.commit["web_url"])
    assert "src/app.py" in read(branch.web_url)
    assert "print(&#x27;two&#x27;)" in read(compared["web_url"])


def test_what_people_write_is_shown_and_not_run(running: Running, project: Any, developer: Clone) -> None:
    developer.commit("<script>alert(1)</script>", {"a": "<b>"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    hub = running.api("developer").projects.get(project.id)
    fields = {
        "source_branch": "feature/HB-101",
        "target_branch": "develop",
        "title": "<img src=x onerror=alert(1)>",
    }
    request = hub.mergerequests.create({**fields, "description": "</pre><script>x</script>"})
    hub.commits.get(request.sha).statuses.create(
        {"state": "success", "name": "n", "target_url": "javascript:alert(1)"}
    )
    for url in (request.web_url, hub.web_url, f"{hub.web_url}/-/commit/{request.sha}"):
        page = read(url)
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize(
    "path", ["/trading/none", "/trading/order-gateway/-/merge_requests/9", "/favicon.ico"]
)
def test_a_page_that_is_not_there_is_404(running: Running, project: Any, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        read(running.world.url("gitlab") + path)
