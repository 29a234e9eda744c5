"""Pipelines: the repository's own .gitlab-ci.yml, planned and run job by job with gitlab-ci-local."""
