"""Faults on demand: rules that make a stand-in answer badly, late, twice or not at all.

A rule says of which system, which calls it is for and what goes wrong (`rule.py`). All rules lie in one file
(`book.py`), so that they outlive a restart and every process sees them. They are set with
`python -m sandbox fault …` or over HTTP on any stand-in (`control.py`). Every fault that took effect is a
line of `<home>/sandbox/faults/applied.log`; an answer that a fault made carries the header `X-Sandbox-Fault`.
"""
