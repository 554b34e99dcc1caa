from datetime import timedelta

import pytest

from statemachine.customer import Activity, Customer, Reason, Relationship
from statemachine.policy import Policy
from statemachine.rules.base import AT_ONCE
from tests.statemachine.builders import (
    DEFAULT,
    Life,
    active,
    came_by,
    closed,
    deposited,
    millis,
    on,
    opened,
    policy,
    posted,
    rule_of,
    snapshot,
    used,
)


def exactly(after: str) -> Life:
    """Silence counted in exact time; active since 10:00 of day 3, one day brings back."""
    exact = {
        "rules.silence.after": after,
        "rules.silence.clears_after_days": 1,
        "rules.not_onboarded": None,
        "activation.own_activity_days": 1,
    }
    life = Life(policy(**exact))
    life.tell(opened(3), used(3))
    assert life.now.stage == "active"
    life.outputs.clear()
    return life


# The fixed limit.


def test_silence_is_due_at_the_midnight_that_begins_the_day_after_ninety_full_days() -> None:
    life = active()
    assert life.passes(93, "23:59") == []
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_activity_dated_on_the_last_day_is_in_time() -> None:
    life = active()
    assert life.tell(used(93, "23:59")) == []
    assert life.passes(184) == ["184 00:00 active > at_risk warned: silence"]


def test_activity_at_the_very_midnight_is_too_late_but_counts_for_the_return() -> None:
    life = active()
    assert life.tell(used(94, "00:00")) == ["94 00:00 active > at_risk warned: silence"]
    assert life.tell(used(95)) == ["95 10:00 at_risk > active recovered: silence"]


@pytest.mark.parametrize("time", ["00:00", "10:00", "23:59"])
def test_the_time_of_day_of_the_last_activity_does_not_matter(time: str) -> None:
    life = active()
    life.tell(used(10, time))
    assert life.passes(101) == ["101 00:00 active > at_risk warned: silence"]


@pytest.mark.parametrize(
    "after, length",
    [
        ("36 hours", timedelta(hours=36)),
        ("90 minutes", timedelta(minutes=90)),
        ("30 seconds", timedelta(seconds=30)),
    ],
)
def test_hours_minutes_and_seconds_are_exact(after: str, length: timedelta) -> None:
    life = exactly(after)
    due = on(3) + length
    life.tell(posted(due - timedelta(seconds=1), "bank"))
    assert life.outputs == []
    life.tell(posted(due, "bank"))
    (change,) = life.changes
    assert (change.kind, change.caused_by.due) == ("warned", "silence")


def test_an_exact_limit_within_a_day_is_not_answered_by_what_came_before_it() -> None:
    life = exactly("2 hours")
    assert life.tell(posted(3, "bank", "12:30")) == ["3 12:00 active > at_risk warned: silence"]
    assert life.tell(posted(3, "bank", "18:00")) == []
    assert life.tell(used(3, "18:30")) == ["3 18:30 at_risk > active recovered: silence"]


# What postpones it, and what does not.


@pytest.mark.parametrize("kind", ["login", "branch", "call", "adviser"])
def test_an_interaction_postpones_silence(kind: str) -> None:
    life = active()
    life.tell(came_by(50, kind))
    assert life.passes(140, "23:59") == []
    assert life.passes(141) == ["141 00:00 active > at_risk warned: silence"]


def test_a_posting_of_unknown_initiator_postpones_silence() -> None:
    life = active()
    life.tell(posted(50, "unknown"))
    assert life.passes(141) == ["141 00:00 active > at_risk warned: silence"]


@pytest.mark.parametrize("initiator", ["third_party", "standing", "bank"])
def test_what_others_do_postpones_nothing(initiator: str) -> None:
    life = active()
    life.tell(*(posted(day, initiator) for day in range(4, 94, 10)))
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_what_the_other_party_of_a_joint_account_did_postpones_nothing() -> None:
    life = active()
    life.tell(posted(50, "unknown", acting_party="cust-2"), used(60, acting_party="cust-2"))
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_a_reported_last_activity_postpones_silence() -> None:
    life = active()
    life.tell(snapshot(60, last_customer_activity=on(50).isoformat()))
    assert life.passes(141) == ["141 00:00 active > at_risk warned: silence"]


def test_a_reported_activity_of_the_future_counts_as_of_the_report() -> None:
    life = active()
    life.tell(snapshot(60, last_customer_activity=on(500).isoformat()))
    assert life.passes(151) == ["151 00:00 active > at_risk warned: silence"]


# What clears it.


def test_two_own_activity_days_bring_the_customer_back() -> None:
    life = active()
    life.passes(100)
    assert life.tell(used(100), used(100)) == []
    assert life.tell(used(160)) == ["160 10:00 at_risk > active recovered: silence"]


def test_two_days_too_far_apart_do_not_bring_the_customer_back_but_the_next_one_does() -> None:
    life = active()
    life.passes(100)
    assert life.tell(used(100), used(161)) == []
    assert life.tell(used(162)) == ["162 10:00 at_risk > active recovered: silence"]


def test_interactions_and_unknown_postings_never_clear_silence() -> None:
    life = active()
    life.passes(100)
    assert life.tell(came_by(100), came_by(101), posted(102, "unknown"), came_by(103)) == []
    assert list(life.now.reasons) == ["silence"]


def test_a_day_before_the_warning_told_late_takes_the_warning_back() -> None:
    life = active()
    life.passes(100)
    assert life.tell(used(100)) == []
    assert life.tell(used(93)) == ["94 00:00 at_risk > active corrected: silence"]


def test_a_silence_that_just_cleared_waits_for_the_quiet_period() -> None:
    short = policy(**{"rules.silence.after": "10 days"})
    life = active(short)
    life.passes(14)
    assert life.tell(used(20), used(21)) == ["21 10:00 at_risk > active recovered: silence"]
    assert life.passes(51, "23:59") == []
    assert life.passes(52) == ["52 00:00 active > at_risk warned: silence"]


# Whom it concerns.


NO_PRODUCT_END = policy(**{"rules.product_end": None})


def test_who_has_only_contractual_products_is_never_silent() -> None:
    life = Life()
    life.tell(opened(0, "m1", product_type="mortgage"), deposited(1))
    assert life.passes(2000) == []


def test_a_customer_left_with_a_mortgage_is_not_silent() -> None:
    life = active(NO_PRODUCT_END)
    life.tell(opened(4, "m1", product_type="mortgage"), closed(5))
    assert life.passes(2000) == []


def test_who_was_silent_before_is_not_recovered_by_closing_the_account() -> None:
    life = active(NO_PRODUCT_END)
    life.tell(opened(4, "m1", product_type="mortgage"))
    life.passes(100)
    assert life.tell(closed(101)) == []
    assert life.now.stage == "at_risk"


def test_the_evidence_names_the_last_sign_of_life_and_what_happens_next() -> None:
    life = active()
    life.tell(came_by(40))
    life.passes(131)
    (change,) = life.changes[-1:]
    (reason,) = change.reasons
    assert (reason.rule, reason.group) == ("silence", "inactivity")
    assert reason.thresholds == {"limit": "fixed", "after": "90 days"}
    assert reason.values == {"last_sign_of_life": "2024-02-10", "own_activity_days": 3}
    assert change.why == "nothing was done by the customer since 2024-02-10"
    assert [(next_.what, next_.at) for next_ in change.next] == [
        ("lost", "2024-08-08T16:00:00.000Z")
    ]


# The own rhythm.

RHYTHM = policy(**{"rules.silence.limit": "own_rhythm", "lost.after_silence": "200 days"})


def limit_of(days: int, span: int, rules: Policy = RHYTHM) -> int:
    """The limit of a customer with so many own activity days over so many days."""
    silence = rule_of(rules, "silence")
    customer = Customer(
        stage="active",
        relationships=(Relationship(1, product=0, starts_at=0),),
        activity=Activity(days=days, first_day=19_800, last_day=19_800 + span, bits=b"\x01"),
    )
    return int(silence.values(customer, 0)["limit_days"])


def test_without_a_pause_the_limit_is_the_population_s() -> None:
    assert limit_of(0, 0) == limit_of(1, 0) == 6 * 15


@pytest.mark.parametrize(
    "days, span, limit",
    [
        (2, 5, 78),  # 6 x (4 x 15 + 5) / (4 + 1)
        (5, 60, 90),  # four pauses of 15 days: the population's own
        (13, 300, 135),  # 6 x (60 + 300) / 16
        (4, 20, 69),  # 6 x 80 / 7 = 68.57, rounded up
    ],
)
def test_the_limit_is_the_mean_pause_shrunk_to_the_population_s_and_rounded_up(
    days: int, span: int, limit: int
) -> None:
    assert limit_of(days, span) == limit


def test_the_limit_is_bounded() -> None:
    assert limit_of(200, 199) == 45
    assert limit_of(5, 2000) == 180


def test_without_weight_the_population_speaks_only_for_those_without_a_pause() -> None:
    alone = policy(
        **{
            "rules.silence.limit": "own_rhythm",
            "rules.silence.own_rhythm.population_weight": 0,
            "lost.after_silence": "200 days",
        }
    )
    assert limit_of(1, 0, alone) == 90
    assert limit_of(11, 100, alone) == 60


def test_a_busy_customer_is_missed_sooner_than_a_rare_one() -> None:
    busy, rare = active(RHYTHM), active(RHYTHM)
    busy.tell(*(used(day) for day in range(4, 104)))
    rare.tell(*(used(day) for day in range(13, 104, 30)))
    assert busy.passes(149) == ["149 00:00 active > at_risk warned: silence"]
    assert rare.passes(149) == []
    limit = limit_of(7, 102)
    assert rare.passes(103 + limit) == []
    assert rare.passes(103 + limit + 1)[0].endswith("active > at_risk warned: silence")
    assert busy.changes[-1].reasons[0].values["limit_days"] == 45


def test_the_rule_knows_no_clock() -> None:
    silence = rule_of(DEFAULT, "silence")
    customer = active().now
    assert silence.raises_at(customer, AT_ONCE) == millis(94)
    assert silence.clears_at(customer, Reason(millis(2), {})) == AT_ONCE
    assert silence.clears_at(customer, Reason(millis(3), {})) is None
