"""Product end: a deposit matured and was not renewed, or the last product of a family went."""

import pytest

from tests.statemachine.builders import (
    Life,
    account,
    active,
    closed,
    deposited,
    held,
    only,
    opened,
    product,
    reason_of,
    released,
    why,
)

RULES = only("product_end")
WARNED = "active > at_risk warned: product_end"
RECOVERED = "at_risk > active recovered: product_end"


def saver(*refs: str) -> Life:
    """Active, with a current account and term deposits."""
    life = active(RULES)
    life.tell(*(deposited(4, product_ref=ref) for ref in refs or ("d1",)))
    life.outputs.clear()
    return life


def matured() -> Life:
    """The only deposit matured on day 100; at risk since day 111."""
    life = saver()
    life.tell(product("matured", 100))
    assert life.passes(111) == [f"111 00:00 {WARNED}"]
    return life


# A product that matured.


def test_a_deposit_that_is_not_renewed_within_ten_full_days_is_missed() -> None:
    life = saver()
    assert life.tell(product("matured", 100)) == []
    assert life.passes(110, "23:59") == []
    assert life.passes(111) == [f"111 00:00 {WARNED}"]


def test_a_renewal_on_the_last_day_of_grace_is_in_time() -> None:
    life = saver()
    life.tell(product("matured", 100), product("renewed", 110))
    assert life.passes(400) == []


def test_another_product_taken_within_the_grace_replaces_it() -> None:
    life = saver()
    life.tell(product("matured", 100), deposited(105, product_ref="d2"))
    assert life.passes(400) == []


def test_one_of_two_deposits_is_missed_when_it_matures() -> None:
    life = saver("d1", "d2")
    life.tell(product("matured", 100))
    assert life.passes(111) == [f"111 00:00 {WARNED}"]


def test_a_wealth_product_is_missed_like_a_deposit_and_an_insurance_as_a_family() -> None:
    for kind in ("wealth", "insurance"):
        life = active(RULES)
        life.tell(deposited(4, product_type=kind), product("matured", 100))
        assert life.passes(111) == [f"111 00:00 {WARNED}"]


def test_what_matures_as_the_last_product_is_a_departure_and_no_warning() -> None:
    life = saver()
    life.tell(product("matured", 100), closed(105))
    assert life.passes(400) == ["111 00:00 active > lost left (closure)"]


# The last of a family.


def test_the_last_product_of_a_family_is_missed_at_once_when_it_is_closed() -> None:
    life = active(RULES)
    life.tell(opened(4, "s1", product_type="insurance"))
    assert life.tell(closed(50, "s1")) == [f"50 10:00 {WARNED}"]


def test_one_of_two_of_a_family_closed_is_not_missed() -> None:
    life = active(RULES)
    life.tell(*(opened(4, ref, product_type="term_deposit") for ref in ("t1", "t2")))
    assert life.tell(closed(50, "t1")) == []
    assert life.tell(closed(60, "t2")) == [f"60 10:00 {WARNED}"]


def test_everything_that_is_used_every_day_is_one_family() -> None:
    life = saver()
    life.tell(opened(5, "a2", product_type="card"))
    assert life.tell(closed(50, "a2")) == []
    assert life.tell(closed(60)) == [f"60 10:00 {WARNED}"]


@pytest.mark.parametrize("kind", ["loan", "mortgage"])
def test_a_loan_paid_back_is_no_product_lost(kind: str) -> None:
    life = active(RULES)
    life.tell(opened(4, "l1", product_type=kind))
    assert life.tell(closed(50, "l1")) == []


def test_what_is_exchanged_for_another_is_not_missed() -> None:
    life = active(RULES)
    life.tell(opened(4, "s1", product_type="insurance"), closed(50, "s1"))
    assert life.tell(opened(50, "s2", product_type="insurance")) == [f"50 10:00 {RECOVERED}"]


def test_an_opening_that_the_core_takes_back_is_no_product_lost() -> None:
    life = active(RULES)
    life.tell(opened(4, "s1", product_type="insurance"))
    assert life.tell(account("opening-undone", 50, account_ref="s1")) == []


def test_of_which_nobody_ever_told_that_it_was_there_it_is_not_missed() -> None:
    life = active(RULES)
    assert life.tell(closed(50, "s1")) == []


def test_what_ended_in_an_earlier_life_is_history() -> None:
    life = saver()
    life.tell(product("matured", 100), closed(101))
    life.tell(opened(112, "a2"))
    life.passes(400)
    assert life.story[-2:] == [
        "111 00:00 active > lost left (closure)",
        "112 10:00 lost > new won_back",
    ]


# When it clears.


def test_it_clears_with_the_renewal_or_a_new_product() -> None:
    assert matured().tell(product("renewed", 120)) == [f"120 10:00 {RECOVERED}"]
    assert matured().tell(opened(120, "a2")) == [f"120 10:00 {RECOVERED}"]
    assert matured().tell(deposited(120, product_ref="d2")) == [f"120 10:00 {RECOVERED}"]


def test_it_wears_off_after_a_hundred_and_eighty_full_days() -> None:
    life = matured()
    assert life.passes(291, "23:59") == []
    assert life.passes(292) == [f"292 00:00 {RECOVERED}"]
    assert life.passes(2_000) == []


def test_a_second_end_is_the_same_reason_and_lasts_from_then() -> None:
    life = saver("d1", "d2")
    life.tell(product("matured", 100), product("matured", 150, product_ref="d2"))
    assert life.passes(341, "23:59") == []
    assert life.story == [f"111 00:00 {WARNED}"]
    assert life.passes(342) == [f"342 00:00 {RECOVERED}"]


def test_another_end_waits_for_the_quiet_period() -> None:
    life = matured()
    life.tell(deposited(120, product_ref="d2"))
    assert life.tell(closed(130, "d2")) == []
    life.tell(product("matured", 131, product_ref="d2"))
    assert life.passes(150, "23:59") == []
    assert life.passes(151) == [f"151 00:00 {WARNED}"]


# While the customer cannot act.


def test_nobody_is_warned_during_a_hold_and_is_when_it_is_lifted() -> None:
    life = saver()
    life.tell(product("matured", 100), held(105))
    assert life.passes(149) == []
    assert life.tell(released(150)) == [f"150 10:00 {WARNED}"]


def test_a_renewal_during_the_hold_is_in_time() -> None:
    life = saver()
    life.tell(product("matured", 100), held(105), product("renewed", 140))
    assert life.tell(released(150)) == []
    assert life.passes(400) == []


# What it says.


def test_the_evidence_names_the_product_and_the_day_it_matured() -> None:
    life = matured()
    reason = reason_of(life)
    assert (reason.rule, reason.group) == ("product_end", "product_end")
    assert reason.values == {"product": "term_deposit", "ended_on": "2024-04-10"}
    assert reason.thresholds == {"wears_off_after": "180 days"}
    assert why(life) == "the term deposit product ended on 2024-04-10, and no other came"
