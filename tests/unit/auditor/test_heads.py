"""A ledger that is not the one whose head was published does not fit, however well its chain holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from auditor import heads
from auditor.outside import root_over
from hummingbird.core import merkle
from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.merkle import Tree
from hummingbird.ledger.append import append
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.notary.heads import ToSign, sign_head
from hummingbird.notary.signing import SigningKey, make_key
from unit.ledger.ledger_samples import an_event

HERE = ToSign(object="c" * 40, run="publish_head/today")


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return make_key(tmp_path / "notary.pem")


class Ledger:
    """An export that somebody may work on, and the tag of its head at row 5."""

    def __init__(self, writer: Engine, key: SigningKey, folder: Path) -> None:
        self.file, self.tag = folder / "ledger.jsonl", folder / "tag"
        self.key = key.public_base64
        with writer.begin() as connection:
            for number in range(1, 6):
                append(connection, an_event(f"run:{number}"))
            self.tag.write_text(sign_head(connection, key, HERE).text, "utf-8")
            append(connection, an_event("run:later"))
            self.rows = list(rows_of(connection))

    def check(self) -> int:
        self.file.write_bytes(b"".join(canonical_json(row) + b"\n" for row in self.rows))
        return heads.main([str(self.file), str(self.tag), "--key", self.key])

    def forge(self, number: int, old: str, new: str) -> None:
        """Rewrite a row and everything after it, so that the chain holds again."""
        last = self.rows[number - 2]["hash"] if number > 1 else "0" * 64
        for row in self.rows[number - 1 :]:
            row["envelope"] = (
                row["envelope"].replace(old, new) if row["sequence"] == number else row["envelope"]
            )
            row["previous_hash"], row["hash"] = last, sha256_hex((last + row["envelope"]).encode())
            last = row["hash"]


@pytest.fixture
def ledger(writer: Engine, key: SigningKey, tmp_path: Path) -> Ledger:
    return Ledger(writer, key, tmp_path)


def test_a_ledger_that_only_grew_fits(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert ledger.check() == 0
    assert capsys.readouterr().out == "DONE: 7 rows hold, 1 published head fits\n"


def test_a_rewritten_row_does_not_fit_though_the_chain_was_made_to_hold(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.forge(3, "限价单", "市价单")
    assert verify(ledger.rows).wrong is None
    assert ledger.check() == 1
    assert "BROKEN: row 5: it is not the one that was published as ledger-" in capsys.readouterr().out


def test_a_row_rewritten_after_the_head_is_for_the_next_head_to_show(ledger: Ledger) -> None:
    ledger.forge(7, "限价单", "市价单")
    assert ledger.check() == 0


def test_a_tail_cut_off_before_the_head_does_not_fit(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger.rows[4:]
    assert verify(ledger.rows).wrong is None
    assert ledger.check() == 1
    assert "BROKEN: the ledger ends at row 4, before the head published as" in capsys.readouterr().out


def test_dropped_and_reordered_rows_do_not_follow(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    whole = list(ledger.rows)
    del ledger.rows[2]
    assert ledger.check() == 1
    assert "BROKEN: row 4 of the ledger: it does not follow row 2" in capsys.readouterr().out
    ledger.rows = [*whole[:2], whole[3], whole[2], *whole[4:]]
    assert ledger.check() == 1


def test_a_tag_that_somebody_else_signed_is_no_witness(
    ledger: Ledger, writer: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.key = make_key(tmp_path / "other.pem").public_base64
    assert ledger.check() == 1
    assert "was not signed by the notary's key" in capsys.readouterr().out


def test_an_empty_ledger_and_a_missing_file_are_told(tmp_path: Path, ledger: Ledger) -> None:
    ledger.rows = []
    assert ledger.check() == 1
    assert heads.main([str(tmp_path / "none"), str(ledger.tag), "--key", ledger.key]) == 2


@pytest.mark.parametrize("size", range(1, 20))
def test_both_ways_of_building_the_tree_give_one_root_and_every_path_leads_to_it(size: int) -> None:
    leaves = [sha256_hex(str(number).encode()) for number in range(size)]
    tree, growing = Tree(leaves), heads.Growing()
    for leaf in leaves:
        growing.add(leaf)
    assert growing.root == tree.root
    for index, leaf in enumerate(leaves):
        assert root_over(leaf, index, size, tree.path(index), "row") == tree.root


def test_the_tree_is_that_of_rfc_9162() -> None:
    """The root that Certificate Transparency's own tests expect over these eight leaves."""
    told = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in told]
    while len(level) > 1:
        level = merkle._above(level)
    assert level[0].hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_signed_head_of_a_day_is_one(writer: Engine, key: SigningKey) -> None:
    with writer.begin() as connection:
        append(connection, an_event("run:1"))
        first = sign_head(connection, key, HERE)
        append(connection, an_event("run:2"))
        assert sign_head(connection, key, HERE) == first
    assert json.loads(json.dumps(first.document()))["head"]["sequence"] == 1
