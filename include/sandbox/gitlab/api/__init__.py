"""The REST API v4, one file for each of GitLab's API pages; each names its page on top."""
