"""The kill suite: a whole platform, a delivery, and a process that dies at the worst moment."""
