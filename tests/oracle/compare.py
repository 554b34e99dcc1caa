"""The product's reasons held against the oracle's, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.reasons import Reason


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason that only one side has, or that ends at another time."""

    customer: str
    rule: str
    raised_at: datetime
    product: Reason | None
    sql: Reason | None

    def __str__(self) -> str:
        return (
            f"{self.customer} {self.rule} raised {self.raised_at}:"
            f" product {_end(self.product)}, SQL {_end(self.sql)}"
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """One rule: how many reasons are the same, and which are not."""

    rule: str
    same: int
    """Raised and cleared at the same times."""
    other_end: list[Difference]
    only_product: list[Difference]
    only_sql: list[Difference]

    @property
    def raised_in_both(self) -> int:
        """Reasons of both, whenever they end."""
        return self.same + len(self.other_end)

    @property
    def differences(self) -> list[Difference]:
        """All of them, by customer and time."""
        found = [*self.other_end, *self.only_product, *self.only_sql]
        return sorted(found, key=lambda one: (one.customer, one.raised_at))


def compare(
    rules: Iterable[str], product: Iterable[Reason], sql: Iterable[Reason]
) -> list[Compared]:
    """Each rule's reasons side by side, in the order of the rules."""
    of_product = {one[:3]: one for one in product}
    of_sql = {one[:3]: one for one in sql}
    keys = sorted(of_product.keys() | of_sql.keys())
    pairs = [Difference(*key, of_product.get(key), of_sql.get(key)) for key in keys]
    return [_of_rule(rule, [one for one in pairs if one.rule == rule]) for rule in rules]


def _of_rule(rule: str, pairs: Sequence[Difference]) -> Compared:
    both = [one for one in pairs if one.product and one.sql]
    return Compared(
        rule,
        sum(one.product == one.sql for one in both),
        [one for one in both if one.product != one.sql],
        [one for one in pairs if not one.sql],
        [one for one in pairs if not one.product],
    )


def table(compared: Iterable[Compared]) -> str:
    """The comparison as text, one line for each rule."""
    head = f"{'rule':14} {'in both':>9} {'same end':>9} {'other end':>9}"
    lines = [head + f" {'only product':>12} {'only SQL':>9}"]
    lines += [
        f"{one.rule:14} {one.raised_in_both:9,} {one.same:9,} {len(one.other_end):9,}"
        f" {len(one.only_product):12,} {len(one.only_sql):9,}"
        for one in compared
    ]
    return "\n".join(lines)


def _end(reason: Reason | None) -> str:
    if reason is None:
        return "never raises it"
    return "does not clear it" if reason.cleared_at is None else f"clears it {reason.cleared_at}"
