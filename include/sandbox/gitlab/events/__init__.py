"""Webhooks: what happened, in GitLab's payloads, queued on disk and delivered until the receiver has it."""
