import pytest

from tests.statemachine.builders import (
    Life,
    active,
    came_by,
    closed,
    complained,
    opened,
    policy,
    posted,
    product,
    used,
)


def silent() -> Life:
    """Last active on day 3, at risk since day 94."""
    life = active()
    life.passes(94)
    return life


def test_a_silent_customer_is_lost_after_180_full_days() -> None:
    life = silent()
    assert life.passes(183, "23:59") == []
    assert life.passes(184) == ["184 00:00 at_risk > lost left (silence): silence"]


def test_nobody_is_lost_before_thirty_full_days_at_risk() -> None:
    life = active(policy(**{"rules.silence.after": "170 days"}))
    life.passes(174)
    assert life.now.stage == "at_risk"
    assert life.passes(204, "23:59") == []
    assert life.passes(205) == ["205 00:00 at_risk > lost left (silence): silence"]


@pytest.mark.parametrize("at_least, lost", [("30 days", 215), ("0 days", 185), ("0 hours", 184)])
def test_a_lost_limit_as_long_as_that_of_silence_still_warns_first(
    at_least: str, lost: int
) -> None:
    limits = {"rules.silence.after": "180 days", "lost.at_least_at_risk": at_least}
    life = active(policy(**limits))
    assert life.passes(2000) == [
        "184 00:00 active > at_risk warned: silence",
        f"{lost} 00:00 at_risk > lost left (silence): silence",
    ]


def test_only_who_is_at_risk_is_lost_by_silence() -> None:
    life = active(policy(**{"rules.silence": None}))
    assert life.passes(2000) == []


@pytest.mark.parametrize("sign", [used(150), came_by(150), posted(150, "unknown")])
def test_a_sign_of_life_postpones_it(sign: object) -> None:
    life = silent()
    life.tell(sign)  # type: ignore[arg-type]
    assert life.passes(330, "23:59") == []
    assert life.passes(331) == ["331 00:00 at_risk > lost left (silence): silence"]


@pytest.mark.parametrize("initiator", ["bank", "standing", "third_party"])
def test_what_others_do_does_not_postpone_it(initiator: str) -> None:
    life = silent()
    life.tell(posted(150, initiator))
    assert life.passes(184) == ["184 00:00 at_risk > lost left (silence): silence"]


@pytest.mark.parametrize("kind", ["loan", "mortgage", "term_deposit", "wealth", "insurance"])
def test_a_contractual_product_in_force_protects(kind: str) -> None:
    life = active()
    life.tell(opened(4, "c1", product_type=kind))
    assert life.passes(2000) == ["94 00:00 active > at_risk warned: silence"]


def test_a_contractual_product_opened_while_at_risk_protects_from_then_on() -> None:
    life = silent()
    life.tell(product("subscribed", 100, product_type="wealth"))
    assert life.passes(2000) == []


def test_a_second_account_of_every_day_does_not_protect() -> None:
    life = active()
    life.tell(opened(4, "a2", product_type="savings_account"))
    assert life.passes(200)[-1] == "184 00:00 at_risk > lost left (silence): silence"


def test_closing_the_last_account_of_one_lost_by_silence_changes_the_reason_not_the_stage() -> None:
    life = silent()
    life.passes(184)
    assert life.tell(closed(300)) == ["300 10:00 lost closure"]
    assert (life.now.stage, life.now.lost_by, life.now.kind) == ("lost", "closure", "left")
    assert life.changes[-1].lost_by == "silence"


def test_who_was_lost_by_silence_comes_back_by_being_active_again() -> None:
    life = silent()
    life.passes(184)
    assert life.tell(used(300), used(301)) == []
    assert life.tell(used(302)) == ["302 10:00 lost > active won_back"]


def test_the_way_back_has_no_limit_in_time() -> None:
    life = silent()
    life.passes(184)
    assert life.tell(used(300), used(600), used(900)) == ["900 10:00 lost > active won_back"]


def test_activity_without_an_account_in_force_wins_nobody_back() -> None:
    life = silent()
    life.passes(184)
    life.tell(closed(300))
    assert life.tell(used(301), used(302), used(303)) == []


def test_a_new_account_wins_back_as_a_new_customer() -> None:
    life = silent()
    life.passes(184)
    assert life.tell(opened(300, "a2")) == ["300 10:00 lost > new won_back"]


def test_who_is_won_back_can_be_at_risk_again_without_a_quiet_period() -> None:
    life = silent()
    life.passes(184)
    life.tell(opened(300, "a2"), complained(301))
    assert life.story[-1] == "301 10:00 new > at_risk warned: complaint"


def test_a_loss_says_how_long_the_silence_was() -> None:
    life = silent()
    life.tell(came_by(10))
    life.passes(191)
    change = life.changes[-1]
    assert change.lost_by == "silence"
    assert change.evidence.rule == "lost_limit"
    assert change.evidence.thresholds == {
        "after_silence": "180 days",
        "at_least_at_risk": "30 days",
    }
    assert change.evidence.values == {
        "at_risk_since": "2024-04-10T16:00:00.000Z",
        "silent_for_days": 180,
    }
    assert change.next == []
