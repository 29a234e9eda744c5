"""How a bundle's commits stand to what runs: asked of Git, told to the ledger once."""

from __future__ import annotations

from builders import the_catalogue
from hummingbird.core.lineage import Relation
from hummingbird.paths.lineage import relation_of
from world_in_memory import MemoryCode


def test_git_says_which_commit_contains_which() -> None:
    code, component = MemoryCode(), the_catalogue().component("order-gateway")
    first = code.write("develop", "HB-101 one")
    second = code.write("develop", "HB-102 two")
    aside = code.write("hotfix/1.0.1", "HB-103 aside", base="master")
    assert relation_of(code, component, second, first) is Relation.AHEAD
    assert relation_of(code, component, first, second) is Relation.BEHIND
    assert relation_of(code, component, aside, second) is Relation.DIVERGED
