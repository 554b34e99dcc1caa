import json
from typing import Any

import pytest

from schemas.events import EVENTS
from schemas.examples import example, type_names
from tests.statemachine.builders import (
    Life,
    account,
    active,
    complained,
    died,
    on,
    opened,
    registered,
    used,
)


def test_death_ends_a_life_in_any_stage() -> None:
    assert Life().tell(died(0)) == ["0 10:00 (none) > lost left (deceased)"]
    prospect = Life()
    prospect.tell(registered(0))
    assert prospect.tell(died(1)) == ["1 10:00 potential > lost left (deceased)"]
    assert active().tell(died(10)) == ["10 10:00 active > lost left (deceased)"]


def test_nothing_is_due_after_death_and_no_timer_is_left() -> None:
    life = active()
    life.tell(complained(5), died(10))
    assert life.now.timer is None
    assert life.now.reasons == {}
    assert life.changes[-1].next == []
    assert life.passes(2000) == []


CONTROL = ("feed.watermark", "policy.activated", "customer.erased")


@pytest.mark.parametrize("name", [name for name in type_names() if name not in CONTROL])
def test_no_later_fact_moves_or_teaches_anything(name: str) -> None:
    later: Any = EVENTS.validate_json(json.dumps(example(name)))
    life = active()
    life.tell(died(10))
    dead = life.now
    decided = life.decide(later, clock=None)
    assert decided.outputs == ()
    assert decided.customer == dead
    assert life.passes(3000) == []


def test_not_even_a_new_account_brings_anybody_back() -> None:
    life = active()
    life.tell(died(10))
    assert life.tell(opened(20, "a9"), account("reopened", 21), used(22), used(23), used(24)) == []
    assert life.now.since == int(on(10).timestamp() * 1000)


def test_what_was_due_before_the_death_still_happened_before_it() -> None:
    life = active()
    assert life.tell(died(100)) == [
        "94 00:00 active > at_risk warned: silence",
        "100 10:00 at_risk > lost left (deceased): silence",
    ]
