"""One measure a file: what it is made of and how to read it. Pure; docs/metrics.md defines each in words."""
