"""Customers first seen through what the core already knows (domain section 8)."""

import pytest

from schemas.base import to_millis
from statemachine.fold import decide
from statemachine.relationships import in_force
from tests.statemachine.builders import (
    CUSTOMER,
    Life,
    account,
    came_by,
    complained,
    deposited,
    fact,
    millis,
    on,
    opened,
    policy,
    posted,
    rated,
    resolved,
    scored,
    snapshot,
    used,
)

NOW = 400


def test_a_snapshot_of_an_old_account_adopts_an_active_customer_once() -> None:
    life = Life()
    assert life.tell(snapshot(NOW)) == ["400 10:00 (none) > active adopted"]
    assert life.tell(snapshot(NOW + 30)) == []
    change = life.changes[0]
    assert (change.from_stage, change.sequence, change.supersedes) == (None, 1, None)
    assert change.evidence.rule == "first_sight"


def test_adoption_is_as_of_the_clock_if_that_is_ahead_of_the_fact() -> None:
    life = Life()
    assert life.tell(snapshot(NOW), clock=millis(NOW + 20)) == ["420 00:00 (none) > active adopted"]


def test_an_adopted_customer_s_silence_counts_from_first_sight() -> None:
    life = Life()
    life.tell(snapshot(NOW, last_customer_activity=on(10).isoformat()))
    assert life.passes(490, "23:59") == []
    assert life.passes(491) == ["491 00:00 active > at_risk warned: silence"]


def test_a_supplied_activity_on_the_day_itself_counts_too() -> None:
    life = Life()
    life.tell(snapshot(NOW, last_customer_activity=on(NOW, "09:00").isoformat()))
    assert life.passes(491) == ["491 00:00 active > at_risk warned: silence"]


def test_an_account_opened_inside_the_onboarding_window_adopts_a_new_customer() -> None:
    life = Life()
    life.tell(snapshot(NOW, opened_on="2025-01-20"))  # day 385
    assert life.story == ["400 10:00 (none) > new adopted"]
    assert life.passes(475, "23:59") == []
    assert life.passes(476) == ["476 00:00 new > at_risk warned: not_onboarded"]


def test_the_last_day_of_the_window_is_inside() -> None:
    last, past = Life(), Life()
    last.tell(snapshot(NOW, opened_on="2024-11-06"))  # day 310: the window ends on 401 00:00
    past.tell(snapshot(NOW, opened_on="2024-11-04"))  # day 308: it ended on 399 00:00
    assert last.story == ["400 10:00 (none) > new adopted"]
    assert past.story == ["400 10:00 (none) > active adopted"]


def test_an_adopted_newcomer_is_activated_like_any_other() -> None:
    life = Life()
    life.tell(snapshot(NOW, opened_on="2025-01-20"))
    assert life.tell(used(401), used(402), used(403)) == ["403 10:00 new > active activated"]


def test_a_closed_snapshot_adopts_a_lost_customer() -> None:
    life = Life()
    assert life.tell(snapshot(NOW, status="closed")) == [
        "400 10:00 (none) > lost adopted (closure)"
    ]
    assert life.tell(opened(NOW + 9, "a2")) == ["409 10:00 lost > new won_back"]


@pytest.mark.parametrize("status", ["active", "dormant", "frozen", "blocked", "in_arrears"])
def test_whatever_its_flag_an_account_that_is_not_closed_is_in_force(status: str) -> None:
    life = Life()
    life.tell(snapshot(NOW, status=status))
    assert in_force(life.now.relationships)
    reason = "at_risk adopted: core_dormant" if status == "dormant" else "active adopted"
    assert life.story == [f"400 10:00 (none) > {reason}"]


def test_a_complaint_heard_before_adopts_at_risk_without_a_change_in_between() -> None:
    life = Life()
    life.tell(complained(NOW - 5))
    assert life.tell(snapshot(NOW)) == ["400 10:00 (none) > at_risk adopted: complaint"]
    assert life.tell(resolved(NOW + 5)) == ["405 10:00 at_risk > active recovered: complaint"]


def test_what_several_rules_say_is_one_adoption() -> None:
    life = Life()
    life.tell(complained(NOW - 5), scored(NOW - 4, "0.9"), rated(NOW - 3, 1), snapshot(NOW))
    assert life.story == ["400 10:00 (none) > at_risk adopted: churn_score, complaint"]


def test_a_newcomer_adopted_at_risk_has_never_been_active() -> None:
    life = Life()
    life.tell(complained(NOW - 5), snapshot(NOW, opened_on="2025-01-20"), resolved(NOW + 1))
    assert life.story == [
        "400 10:00 (none) > at_risk adopted: complaint",
        "401 10:00 at_risk -complaint",
    ]


def test_a_fresh_opening_is_progress_and_no_adoption() -> None:
    assert Life().tell(opened(NOW, opened_on="2025-02-04")) == ["400 10:00 (none) > new progressed"]
    assert Life().tell(deposited(NOW)) == ["400 10:00 (none) > new progressed"]


def test_an_opening_older_than_its_record_by_more_than_thirty_days_is_adopted() -> None:
    fresh, stale = Life(), Life()
    fresh.tell(opened(NOW), record_at=to_millis(on(NOW + 30)))
    stale.tell(opened(NOW), record_at=to_millis(on(NOW + 30)) + 1)
    assert fresh.story == ["400 10:00 (none) > new progressed"]
    assert stale.story == ["400 10:00 (none) > new adopted"]


def test_an_old_opening_is_adopted_as_the_clock_sees_it() -> None:
    life = Life()
    told = opened(NOW)
    life.tell(told, record_at=millis(700), clock=millis(690))
    assert life.story == ["690 00:00 (none) > active adopted"]
    assert life.passes(780, "23:59") == []
    assert life.passes(781) == ["781 00:00 active > at_risk warned: silence"]


def test_an_opening_that_the_core_dates_long_ago_is_no_fresh_one() -> None:
    life = Life()
    assert life.tell(opened(NOW, opened_on="2019-06-03")) == ["400 10:00 (none) > active adopted"]


@pytest.mark.parametrize(
    "first",
    [
        posted(NOW, "bank"),
        used(NOW),
        fact("loan.arrears-changed", NOW, product_ref="l1", role="owner", conduct="arrears"),
        account("reopened", NOW),
        account("status-changed", NOW, status="frozen"),
        account("closing-undone", NOW),
    ],
)
def test_any_fact_of_an_account_introduces_its_owner(first: object) -> None:
    life = Life()
    assert life.tell(first) == ["400 10:00 (none) > active adopted"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "first",
    [
        complained(NOW),
        came_by(NOW),
        scored(NOW, "0.9"),
        fact("payroll.ended", NOW, reason="retired"),
        fact("customer.referred", NOW),
        fact("consent.changed", NOW, purpose="marketing", granted=True),
        account("opening-undone", NOW),
    ],
)
def test_what_tells_of_no_account_is_remembered_without_a_stage(first: object) -> None:
    life = Life()
    assert life.tell(first) == []  # type: ignore[arg-type]
    assert (life.now.stage, life.now.timer) == (None, None)
    assert life.passes(3000) == []


def test_the_second_account_of_the_existing_book_changes_nothing() -> None:
    life = Life()
    life.tell(snapshot(NOW))
    assert life.tell(snapshot(NOW, account_ref="a2"), deposited(NOW + 1)) == []


def test_history_read_in_is_backfill_up_to_the_policy_s_live_from() -> None:
    life = Life(policy(live_from="2024-04-01T00:00:00+08:00"))  # day 91
    life.tell(opened(0), used(1), used(2), used(3))
    life.passes(200)
    assert [change.mode for change in life.changes] == ["backfill", "backfill", "live", "live"]


def test_a_backfill_by_command_is_backfill_whatever_the_policy() -> None:
    decided = decide(
        policy(), CUSTOMER, None, opened(0), clock=None, record_at=millis(0), mode="backfill"
    )
    assert [output.mode for output in decided.outputs] == ["backfill"]
