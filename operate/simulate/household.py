"""A household: people who share accounts live their days together.

What is told of a shared account is told once per party, with the same source and event id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from operate.simulate.almanac import Day
from operate.simulate.kin import tie_of
from operate.simulate.ledger import Dated, Told
from operate.simulate.life import Life
from operate.simulate.people import act, be_born, live

Household = tuple[Life, ...]


def households(seed: int, customers: int, start: date) -> Iterator[Household]:
    """Everybody from customer 1 on, together with those whose accounts they share."""
    number = 1
    while number <= customers:
        size = 1
        if number % 2 and number < customers and tie_of(seed, number) is not None:
            size = 2
        yield tuple(be_born(seed, number + one, start) for one in range(size))
        number += size


def live_together(household: Household, today: Day) -> list[Told]:
    """One day of all of them; each one's facts in order."""
    if len(household) == 1:
        return live(household[0], today)
    for life in household:
        act(life, today)
    settled = [life.settle_day() for life in household]
    told: list[Told] = []
    for life, own in zip(household, settled, strict=True):
        others = zip(household, settled, strict=True)
        copied = [fact for other, its in others for fact in _copies(life, other, its)]
        facts = sorted([*own, *copied], key=lambda fact: fact.second) if copied else own
        told += life.deliver(today, facts)
    return told


def _copies(life: Life, other: Life, facts: Sequence[Dated]) -> Iterator[Dated]:
    """What `life` is told of the other one's accounts."""
    role = dict(other.parties).get(life.customer_id)
    if role is not None:
        for fact in facts:
            if "role" in fact.body:
                copy = {**fact.body, "customer_id": life.customer_id, "role": role}
                yield Dated(fact.second, copy)
