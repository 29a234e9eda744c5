"""How a project team joins: the baseline of what it brings along, and the doctor who says what is missing."""
