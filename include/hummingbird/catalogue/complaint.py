"""What is wrong with a catalogue, and where."""

Complaint = tuple[str, tuple[str, ...], str]
"""Section, path inside it, and what is wrong."""
