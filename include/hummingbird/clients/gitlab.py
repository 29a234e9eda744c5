"""GitLab (REST v4) through python-gitlab; its session is ours, so errors, limits and retries are too."""

from __future__ import annotations

from hummingbird.clients.gitlab_merging import GitLabMerging
from hummingbird.clients.gitlab_pipelines import GitLabPipelines
from hummingbird.clients.gitlab_repository import GitLabRepository
from hummingbird.clients.gitlab_review import GitLabReview


class GitLab(GitLabRepository, GitLabReview, GitLabMerging, GitLabPipelines):
    """Fulfils code_host.CodeHost."""
