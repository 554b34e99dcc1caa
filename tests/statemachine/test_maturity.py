from tests.statemachine.builders import (
    Life,
    active,
    closed,
    complained,
    deposited,
    opened,
    product,
    rated,
)


def saver() -> Life:
    """A term deposit and nothing else."""
    life = Life()
    life.tell(deposited(0))
    return life


def test_a_matured_product_waits_ten_full_days_for_its_renewal_and_then_the_customer_left() -> None:
    life = saver()
    assert life.tell(product("matured", 100)) == []
    assert life.passes(110, "23:59") == []
    assert life.passes(111) == ["111 00:00 new > lost left (closure)"]


def test_a_renewal_on_the_last_day_of_grace_is_in_time() -> None:
    life = saver()
    life.tell(product("matured", 100))
    assert life.tell(product("renewed", 110)) == []
    assert life.passes(300) == []


def test_a_renewal_after_the_grace_wins_the_customer_back() -> None:
    life = saver()
    life.tell(product("matured", 100), product("renewed", 112))
    assert life.story[1:] == [
        "111 00:00 new > lost left (closure)",
        "112 10:00 lost > new won_back",
    ]


def test_a_matured_product_beside_another_one_ends_no_relationship() -> None:
    life = active()
    life.tell(deposited(4), product("matured", 5))
    assert life.passes(60) == ["16 00:00 active > at_risk warned: product_end"]


def test_with_the_account_closed_a_waiting_deposit_keeps_the_customer_for_its_grace() -> None:
    life = active()
    life.tell(deposited(4), product("matured", 10), closed(12))
    assert life.passes(21) == ["21 00:00 active > lost left (closure)"]


def test_a_deposit_waiting_for_its_renewal_still_protects_from_being_lost_by_silence() -> None:
    life = active()
    life.tell(deposited(4))
    life.passes(300)
    assert life.now.stage == "at_risk"
    assert life.tell(product("matured", 300)) == []
    assert life.passes(310, "23:59") == []
    assert life.passes(311) == ["311 00:00 at_risk > lost left (silence): silence"]


def test_a_closed_loan_protects_no_more_from_the_moment_it_is_closed() -> None:
    life = active()
    life.tell(opened(4, "l1", product_type="loan"))
    life.passes(300)
    assert life.tell(closed(300, "l1")) == ["300 10:00 at_risk > lost left (silence): silence"]


def test_somebody_first_seen_with_a_matured_deposit_is_a_customer_for_its_grace() -> None:
    life = Life()
    life.tell(product("matured", 100))
    life.passes(111)
    assert life.story == [
        "100 10:00 (none) > active adopted",
        "111 00:00 active > lost left (closure)",
    ]


def test_somebody_first_seen_with_the_last_product_closed_is_lost() -> None:
    life = Life()
    assert life.tell(closed(100)) == ["100 10:00 (none) > lost adopted (closure)"]


def test_a_complaint_does_not_make_a_customer_without_products() -> None:
    life = Life()
    assert life.tell(complained(0)) == []
    assert life.now.stage is None


def test_what_ends_the_relationship_is_told_before_the_reasons_due_at_the_same_moment() -> None:
    life = active()
    life.tell(deposited(4), rated(20, 1), product("matured", 70), closed(75))
    assert life.passes(80, "23:59") == []
    assert life.passes(81) == ["81 00:00 at_risk > lost left (closure): complaint"]
