"""Builds OCI images without a daemon: layers of files on top of a base image, pushed by digest."""
