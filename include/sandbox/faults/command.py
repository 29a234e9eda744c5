"""`python -m sandbox fault add|list|clear`: rules from the command line, also for a system that is gone.

python -m sandbox fault add harbor status status=503 retry_after=2 --path /v2/ --count 2 …
python -m sandbox fault add prod-private gone seconds=60 …
python -m sandbox fault clear …
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from sandbox.faults.book import Book
from sandbox.faults.effects import KINDS
from sandbox.faults.rule import FaultError, rule
from sandbox.world import PORTS, World


def verbs(parser: argparse.ArgumentParser) -> tuple[argparse.ArgumentParser, ...]:
    """Give the command its verbs; their parsers."""
    found = parser.add_subparsers(dest="verb", required=True)
    add = found.add_parser(
        "add", help="set a rule", epilog="; ".join(f"{name}: {kind.about}" for name, kind in KINDS.items())
    )
    add.add_argument("system", choices=PORTS, metavar="SYSTEM", help=", ".join(PORTS))
    add.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    add.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="the kind's settings")
    add.add_argument("--method", default="", help="regular expression")
    add.add_argument(
        "--path", default="", help="regular expression; of a webhook its trigger, of a pod ns/name"
    )
    add.add_argument("--header", action="append", default=[], metavar="NAME=REGEX")
    add.add_argument("--after", type=int, default=0, help="so many matches pass unharmed")
    add.add_argument("--count", type=int, default=0, help="at most so often; 0: without end")
    add.add_argument("--probability", type=float, default=1.0)
    add.add_argument("--seed", type=int, default=0, help="of the probability: the same seed, the same faults")
    listing = found.add_parser("list", help="show the rules")
    clear = found.add_parser("clear", help="forget one rule by number, those of a system, or all")
    clear.add_argument("number", nargs="?", type=int, default=0)
    for verb in (listing, clear):
        verb.add_argument("--system", default="", choices=("", *PORTS), metavar="SYSTEM")
    return add, listing, clear


def run(options: argparse.Namespace, world: World) -> int:
    """Do what was asked; 2 for a rule that cannot be one."""
    book = Book(world)
    if options.verb == "list":
        for each in book.rules(options.system):
            print(each.line())
        return 0
    if options.verb == "clear":
        print(f"cleared {book.clear(options.number, options.system)}")
        return 0
    asked = {
        name: getattr(options, name) for name in ("method", "path", "after", "count", "probability", "seed")
    }
    try:
        asked["settings"] = dict(map(_setting, options.settings))
        asked["headers"] = dict(map(_pair, options.header))
        made = book.add(rule({"system": options.system, "kind": options.kind, **asked}))
    except FaultError as error:
        print(error, file=sys.stderr)
        return 2
    print(made.line())
    return 0


def _setting(text: str) -> tuple[str, Any]:
    name, value = _pair(text)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise FaultError(f"{text}: expected NAME=VALUE")
    return name, value
