"""Why the product may differ: what it remembers of a customer has bounds, and SQL has none.

A difference is explained if it is gone once the bounds are: the customer is folded again with a
longer memory, and held against SQL again. One thing more is remembered roughly, and said so in the
product (facts.py): of a reversal only the amount is known, so it is taken off the transfers of the
day whatever it reverses. What differs by that is gone when such reversals are left out of the feed.
Nothing else explains a difference.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from unittest.mock import patch

from statemachine.policy import Policy
from tests.oracle.compare import Compared, Difference, compare
from tests.oracle.feed import fold, oracle_over
from tests.oracle.numbers import RULES

_WIDE: Final = 10_000
_BOUNDS: Final[dict[str, dict[str, int]]] = {
    "more postings than can be reversed are remembered": {},
    "an own day was taken back after those long before it were forgotten": {
        "statemachine.activity.WINDOW_DAYS": _WIDE,
        "statemachine.activity._MASK": (1 << _WIDE) - 1,
    },
    "more days of transfers than are remembered": {"statemachine.transfers.MOST_DAYS": _WIDE},
    "more changes of the assets than are remembered": {"statemachine.assets.MOST_CHANGES": _WIDE},
    "more products than are remembered": {
        "statemachine.relationships.MOST_ENDED": _WIDE,
        "statemachine.relationships.MOST": _WIDE,
    },
}
"""What is bounded, and the constants of the product that say so, made large; without one it is the
policy's memory.reversible_postings. Each is tried alone."""
_ROUGHLY: Final = "something else was reversed that was done on the day of a transfer"
Place = tuple[str, str]
"""A customer and a rule."""
_CUSTOMER: Final = re.compile(rb'"customer_id":"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Explained:
    """Each difference with its explanation; None: there is none."""

    by_difference: Sequence[tuple[Difference, str | None]]

    @property
    def any_left(self) -> bool:
        """Whether a difference is not explained."""
        return any(why is None for _, why in self.by_difference)

    def left(self, rule: str) -> list[Difference]:
        """A rule's differences that are not explained."""
        return [one for one, why in self.by_difference if one.rule == rule and why is None]

    def counts(self, rule: str) -> list[tuple[str, int]]:
        """A rule's explanations, and of how many differences."""
        whys = [why for one, why in self.by_difference if one.rule == rule and why is not None]
        return sorted(Counter(whys).items())


def explain(
    policy: Policy,
    folder: Path,
    compared: Iterable[Compared],
    first_day: date,
    horizon: datetime,
) -> Explained:
    """Explain the differences found in the feed of a folder."""
    differences = [one for each in compared for one in each.differences]
    if not differences:
        return Explained([])
    found = _of_customers(folder, {one.customer for one in differences})
    lines = sorted(found, key=lambda line: str(json.loads(line)["received_at"]))
    days = first_day, horizon
    file = folder / "explained" / "few.jsonl"
    file.parent.mkdir(exist_ok=True)
    # What these customers alone do not show has no explanation.
    shown = _differing(policy, file, lines, *days)
    whys: dict[Place, str] = {}
    for why, bounds in _BOUNDS.items():
        with _without_bounds(policy, bounds) as wide:
            for place in shown - _differing(wide, file, lines, *days):
                whys.setdefault(place, why)
    less = _without_other_reversals(policy, lines)
    for place in shown - _differing(policy, file, less, *days):
        if place[1] == "outflow":
            whys.setdefault(place, _ROUGHLY)
    return Explained([(one, whys.get((one.customer, one.rule))) for one in differences])


def _differing(
    policy: Policy, file: Path, lines: Sequence[bytes], first_day: date, horizon: datetime
) -> set[Place]:
    """Where the two sides differ on a feed of these lines."""
    file.write_bytes(b"".join(lines))
    told = fold(policy, file)
    sql = oracle_over(policy, file.parent, told, first_day, horizon).reasons()
    compared = compare(RULES, told.reasons, sql)
    return {(one.customer, one.rule) for each in compared for one in each.differences}


@contextmanager
def _without_bounds(policy: Policy, bounds: dict[str, int]) -> Iterator[Policy]:
    if not bounds:
        values = policy.model_dump(mode="json")
        values["memory"]["reversible_postings"] = 32
        yield Policy.model_validate(values)
        return
    with ExitStack() as stack:
        for name, value in bounds.items():
            stack.enter_context(patch(name, value))
        yield policy


def _of_customers(folder: Path, customers: set[str]) -> Iterator[bytes]:
    """The lines of a feed about these customers, and those that close it."""
    wanted = {one.encode() for one in customers}
    marks: set[bytes] = set()
    for file in sorted(folder.glob("*.jsonl")):
        with file.open("rb") as lines:
            for line in lines:
                found = _CUSTOMER.search(line)
                if found is None:
                    marks.add(line)
                elif found[1] in wanted:
                    yield line
    yield from sorted(marks)


def _without_other_reversals(policy: Policy, lines: Sequence[bytes]) -> list[bytes]:
    """Without the reversals of what was no transfer to another bank, or too small a one."""
    told = policy.transfers_told
    least = 0 if told is None else told.transfer_at_least
    events = [json.loads(line) for line in lines]
    kept = {None}
    kept |= {
        one["posting_id"]
        for one in events
        if one.get("counterparty_kind") == "other_bank" and Decimal(one["amount"]) >= least
    }
    pairs = zip(lines, events, strict=True)
    return [line for line, event in pairs if event.get("original_posting_id") in kept]
