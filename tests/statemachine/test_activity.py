import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import to_millis
from schemas.events import CustomerEvent
from statemachine.activity import WINDOW_DAYS, days_since, has_day, ref_hash
from statemachine.calendar import day_number
from statemachine.customer import Activity, Customer
from statemachine.facts import learn
from tests.statemachine.builders import DAY_ZERO, DEFAULT, on, reversed_, used

ZERO = day_number(DAY_ZERO.date())
LIMIT = DEFAULT.memory.reversible_postings


def learnt(*events: CustomerEvent) -> Activity:
    customer = Customer()
    for event in events:
        customer = learn(DEFAULT, customer, event, to_millis(event.occurred_at)).customer
    return customer.activity


def days(activity: Activity) -> list[int]:
    return [day - ZERO for day in days_since(activity, ZERO - 10_000)]


@given(
    st.lists(
        st.tuples(st.sampled_from((0, 1, 9, 200, 256, 257, 800)), st.integers(0, 9), st.booleans()),
        max_size=30,
    )
)
def test_no_order_of_postings_and_reversals_is_too_strange(
    steps: list[tuple[int, int, bool]],
) -> None:
    day, told = 0, []
    for later, number, is_reversal in steps:
        day += later
        name = f"x{number}"
        told.append(reversed_(day, name) if is_reversal else used(day, posting_id=name))
    done = learnt(*told)
    assert done.days == 0 or done.bits[0] & 1
    assert done.days >= len(days(done))
    assert done.first_day <= done.last_day
    assert done.last_at is None or done.last_at >= DEFAULT.calendar.midnight(done.last_day)


def test_several_postings_of_one_day_are_one_activity_day() -> None:
    done = learnt(used(1, "08:00"), used(1, "12:00"), used(2))
    assert days(done) == [1, 2]
    assert (done.days, done.first_day - ZERO, done.last_day - ZERO) == (2, 1, 2)
    assert done.last_at == to_millis(on(2))


def test_the_day_is_the_bank_s_whatever_the_offset_of_the_event() -> None:
    assert days(learnt(used(1, "00:00"), used(1, "23:59"))) == [1]


def test_days_told_in_any_order_are_the_same_days() -> None:
    told = [used(day) for day in (1, 3, 90, 92, 200)]
    in_order = learnt(*told)
    for shuffled in itertools.permutations(told):
        other = learnt(*shuffled)
        assert (other.days, other.first_day, other.last_day) == (5, ZERO + 1, ZERO + 200)
        assert (other.bits, other.last_at) == (in_order.bits, in_order.last_at)


def test_what_is_older_than_the_window_is_forgotten_and_what_comes_that_late_is_ignored() -> None:
    done = learnt(used(0), used(1), used(WINDOW_DAYS))
    assert days(done) == [1, WINDOW_DAYS]
    assert done.days == 3
    assert learnt(used(WINDOW_DAYS + 5), used(1)).days == 1


def test_a_reversal_takes_its_activity_day_back() -> None:
    done = learnt(used(1), used(5, posting_id="x"), reversed_(6, "x"))
    assert days(done) == [1]
    assert (done.days, done.last_day - ZERO, done.last_at) == (1, 1, to_millis(on(1)))


def test_a_reversal_of_one_of_two_postings_leaves_the_day_and_the_other_s_time() -> None:
    done = learnt(used(5, "08:00"), used(5, "18:00", posting_id="x"), reversed_(6, "x"))
    assert days(done) == [5]
    assert done.last_at == to_millis(on(5, "08:00"))


def test_a_reversal_of_an_older_posting_leaves_the_latest_time_as_it_is() -> None:
    late = [used(5, "18:00") for _ in range(3)]
    done = learnt(used(1, posting_id="x"), *late, reversed_(6, "x"))
    assert done.last_at == to_millis(on(5, "18:00"))
    assert days(done) == [5]
    assert done.first_day - ZERO == 5


def test_when_a_reversal_leaves_no_day_of_the_window_the_latest_remembered_one_is_the_last() -> (
    None
):
    """After years of rare use: not the very first day, and what is older can be taken back too."""
    told = [used(0), used(410, posting_id="x"), used(420), used(1_230, posting_id="y")]
    done = learnt(*told, reversed_(1_231, "y"))
    assert days(done) == [410, 420]
    assert (done.days, done.first_day - ZERO, done.last_at) == (3, 0, to_millis(on(420)))
    done = learnt(*told, reversed_(1_231, "y"), reversed_(1_232, "x"))
    assert (days(done), done.days) == ([420], 2)


def test_the_reversal_of_the_only_posting_leaves_nothing() -> None:
    done = learnt(used(5, posting_id="x"), reversed_(6, "x"))
    assert (done.days, done.bits, done.last_at) == (0, b"", None)


def test_a_reversal_that_comes_first_takes_its_posting_with_it() -> None:
    done = learnt(reversed_(6, "x"), used(5, posting_id="x"))
    assert (done.days, done.ring) == (0, b"")


def test_a_reversal_told_twice_takes_one_posting() -> None:
    done = learnt(used(1), used(5, posting_id="x"), reversed_(6, "x"), reversed_(6, "x"))
    assert days(done) == [1]


def test_a_posting_told_again_under_another_event_is_one_posting() -> None:
    done = learnt(used(5, posting_id="x"), used(5, posting_id="x"), reversed_(6, "x"))
    assert done.days == 0


def test_a_posting_further_back_than_is_remembered_is_not_taken_back() -> None:
    told = [used(0, posting_id="x"), *(used(day + 1) for day in range(LIMIT))]
    done = learnt(*told, reversed_(20, "x"))
    assert 0 in days(done)


def test_a_day_whose_postings_are_not_all_remembered_is_firm() -> None:
    busy = [used(0, posting_id=f"x{number}") for number in range(LIMIT + 2)]
    done = learnt(*busy, *(reversed_(1, f"x{number}") for number in range(LIMIT + 2)))
    assert days(done) == [0]


@pytest.mark.parametrize("year", [1969, 2150])
def test_a_posting_outside_of_the_ring_s_years_counts_and_is_firm(year: int) -> None:
    done = learnt(used(on(0).replace(year=year), posting_id="x"))
    assert done.days == 1
    assert learnt(used(on(0).replace(year=year), posting_id="x"), reversed_(1, "x")).days == 1


def test_the_memory_of_postings_is_bounded() -> None:
    chance = random.Random(4)
    told: list[Any] = []
    for _ in range(400):
        name = f"p{chance.randrange(60)}"
        day = chance.randrange(40)
        told.append(used(day, posting_id=name) if chance.random() < 0.6 else reversed_(day, name))
    customer = Customer()
    for event in told:
        customer = learn(DEFAULT, customer, event, to_millis(event.occurred_at)).customer
        assert len(customer.activity.ring) <= 8 * LIMIT
        assert customer.activity.days == len(days(customer.activity))


def test_a_day_is_known_or_not() -> None:
    done = learnt(used(1), used(3))
    assert [has_day(done, ZERO + day) for day in range(5)] == [False, True, False, True, False]


def test_references_are_hashed_the_same_everywhere() -> None:
    assert ref_hash("123456789") == 0xCBF43926  # the check value of the CRC-32 that everybody has
