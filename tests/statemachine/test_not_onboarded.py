from tests.statemachine.builders import (
    Life,
    active,
    closed,
    complained,
    deposited,
    opened,
    policy,
    posted,
    resolved,
    used,
)


def newcomer(*own_days: float) -> Life:
    """Opened on day 0 and used on some days."""
    life = Life()
    life.tell(opened(0), *(used(day) for day in own_days))
    return life


def test_the_window_is_over_at_the_midnight_after_ninety_full_days() -> None:
    life = newcomer(5, 60)
    assert life.passes(90, "23:59") == []
    assert life.passes(91) == ["91 00:00 new > at_risk warned: not_onboarded"]


def test_the_third_own_day_on_the_last_day_of_the_window_is_in_time() -> None:
    life = newcomer(5, 60)
    assert life.tell(used(90, "23:59")) == ["90 23:59 new > active activated"]
    assert life.passes(100) == []


def test_silence_and_the_window_due_at_one_midnight_are_one_change_with_two_reasons() -> None:
    life = newcomer()
    assert life.passes(91) == ["91 00:00 new > at_risk warned: not_onboarded, silence"]
    (change,) = life.changes[1:]
    assert change.why == (
        "new since 2024-01-01 and used the bank on 0 days only;"
        " nothing was done by the customer since 2024-01-01"
    )


def test_the_third_own_day_activates_late_however_late_it_is() -> None:
    life = newcomer(5, 60)
    life.passes(91)
    assert life.tell(used(140)) == ["140 10:00 at_risk > active activated_late: not_onboarded"]
    assert life.now.reasons == {}


def test_activation_leaves_the_reasons_that_still_stand_and_moves_with_the_last() -> None:
    life = newcomer(5, 60)
    life.tell(complained(70))
    assert life.tell(used(80), resolved(100)) == [
        "100 10:00 at_risk > active activated_late: complaint"
    ]


def test_two_own_days_clear_the_silence_but_only_the_third_activates() -> None:
    life = newcomer()
    life.passes(91)
    assert life.tell(used(100), used(110)) == ["110 10:00 at_risk -silence"]
    assert life.tell(used(120)) == ["120 10:00 at_risk > active activated_late: not_onboarded"]


def test_activation_counts_days_and_not_postings() -> None:
    life = newcomer(1, 1, 1, 1, 2, 2)
    assert life.now.stage == "new"


def test_only_what_the_customer_did_activates() -> None:
    life = newcomer()
    for day, initiator in enumerate(("third_party", "standing", "bank", "unknown"), start=1):
        life.tell(posted(day, initiator), posted(day + 10, initiator), posted(day + 20, initiator))
    assert life.now.stage == "new"


def test_who_comes_back_starts_a_window_of_their_own() -> None:
    life = active()
    life.tell(closed(10), opened(200, "a2"))
    assert life.passes(290, "23:59") == []
    assert life.passes(291) == ["291 00:00 new > at_risk warned: not_onboarded, silence"]


def test_days_of_a_former_life_do_not_count_in_the_new_one() -> None:
    life = active()
    life.tell(closed(10), opened(20, "a2"))
    assert life.tell(used(21), used(22)) == []
    assert life.tell(used(23)) == ["23 10:00 new > active activated"]


def test_activity_earlier_on_the_day_of_the_return_counts_in_the_new_life() -> None:
    life = active()
    life.tell(closed(10), used(20, "08:00"), opened(20, "a2"))
    assert life.tell(used(21), used(22)) == ["22 10:00 new > active activated"]


def test_the_window_does_not_apply_without_a_product_used_every_day() -> None:
    life = Life()
    life.tell(deposited(0))
    assert life.passes(1000) == []


def test_the_window_applies_once_such_a_product_is_opened() -> None:
    life = Life(policy(**{"activation.product_families": None}))
    life.tell(deposited(0), opened(200))
    assert life.story[-1] == "200 10:00 new > at_risk warned: not_onboarded, silence"


def test_the_length_of_the_window_is_the_policy_s() -> None:
    life = Life(policy(**{"onboarding.window": "48 hours"}))
    life.tell(opened(0))
    assert life.passes(2, "09:59") == []
    assert life.passes(2, "10:00") == ["2 10:00 new > at_risk warned: not_onboarded"]


def test_the_number_of_days_is_the_policy_s() -> None:
    life = Life(policy(**{"activation.own_activity_days": 1}))
    assert life.tell(opened(0), used(0))[-1] == "0 10:00 new > active activated"
