"""Somebody of a kind: looked for among many scripts, and lived with whoever shares an account."""

from collections.abc import Callable, Iterator
from itertools import islice

from operate.simulate.almanac import day_of, moment_text
from operate.simulate.casting import cast
from operate.simulate.household import live_together
from operate.simulate.people import be_born
from operate.simulate.script import Script
from tests.simulate.conftest import PLAN, Body

SEED = 21
_DAYS = [day_of(PLAN.start, number) for number in range(PLAN.days)]


def scripts(wanted: Callable[[Script], object], most: int = 3) -> list[Script]:
    """The first scripts that are wanted; never fewer than asked for."""
    found = list(islice(_all(wanted), most))
    assert len(found) == most
    return found


def _all(wanted: Callable[[Script], object]) -> Iterator[Script]:
    return (script for number in range(1, 8_000) if wanted(script := cast(SEED, number)))


def lived(script: Script) -> list[Body]:
    """Everything that is told of one life, in order."""
    return home_of(script)[script.customer_id]


def home_of(script: Script) -> dict[str, list[Body]]:
    """Everything that is told of a household, by customer."""
    numbers = [script.number]
    if script.tie is not None:
        numbers = sorted([script.number, int(script.tie.other[1:])])
    home = tuple(be_born(SEED, number, PLAN.start) for number in numbers)
    told: dict[str, list[Body]] = {life.customer_id: [] for life in home}
    for day in _DAYS:
        for fact in live_together(home, day):
            told[str(fact.body["customer_id"])].append(fact.body)
    return told


def times(facts: list[Body], kind: str, **fields: object) -> list[str]:
    """When facts of a type with these fields occurred."""
    return [one["occurred_at"] for one in told(facts, kind, **fields)]


def told(facts: list[Body], kind: str, **fields: object) -> list[Body]:
    """The facts of a type with these fields."""
    return [one for one in facts if one["type"] == kind and fields.items() <= one.items()]


def at(moment: int) -> str:
    """A moment of the plan, as facts write it."""
    return moment_text(PLAN.start, moment)
