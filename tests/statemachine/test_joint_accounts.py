"""Two parties of one account, each told by a copy of the same record with the same event id."""

from typing import Any

from schemas.outputs import StageChanged
from tests.statemachine.builders import CUSTOMER, Life, active, fact, opened, reversed_, used

OTHER = "cust-2"


def copies(**fields: Any) -> Any:
    """A posting as one party's copy tells it."""
    return used(1, event_id="same", **fields)


def test_where_the_acting_party_is_known_only_that_party_was_active() -> None:
    acted, other = Life(), Life()
    acted.tell(opened(0, role="joint"), copies(role="joint", acting_party=CUSTOMER))
    other.tell(opened(0, role="joint"), copies(role="joint", acting_party=OTHER))
    assert acted.now.activity.days == 1
    assert other.now.activity.days == 0


def test_where_it_is_not_known_each_owner_was_active() -> None:
    for role in ("owner", "joint"):
        life = Life()
        life.tell(opened(0, role=role), copies(role=role))
        assert life.now.activity.days == 1


def test_a_joint_owner_is_a_customer_by_that_role() -> None:
    life = Life()
    assert life.tell(opened(0, role="joint")) == ["0 10:00 (none) > new progressed"]
    assert life.tell(*(used(day, role="joint") for day in (1, 2, 3))) == [
        "3 10:00 new > active activated"
    ]


def test_what_the_other_party_did_still_shows_that_the_account_is_in_force() -> None:
    life = Life()
    assert life.tell(used(1, role="joint", acting_party=OTHER)) == [
        "1 10:00 (none) > active adopted"
    ]
    assert life.now.activity.days == 0


def test_an_authorised_user_is_no_customer_whatever_they_do() -> None:
    life = Life()
    told = life.tell(
        opened(0, role="authorised"),
        *(used(day, role="authorised") for day in range(1, 9)),
        fact("account.closed", 10, account_ref="a1", role="authorised"),
        fact("product.subscribed", 11, product_ref="d", role="guardian", product_type="card"),
    )
    assert told == []
    assert life.now.stage is None
    assert life.now.relationships == ()
    assert life.now.activity.days == 0


def test_an_owner_is_not_active_by_what_they_do_on_another_s_account() -> None:
    life = Life()
    life.tell(opened(0))
    life.tell(*(used(day, account_ref="hers", role="authorised") for day in (1, 2, 3)))
    assert life.now.stage == "new"
    assert len(life.now.relationships) == 1


def jointly(day: float, **fields: Any) -> Any:
    """A posting on a joint account; nobody said which of the owners made it."""
    return used(day, role="joint", **fields)


def marked(life: Life) -> bool:
    """Whether the last change rests on activity of which nobody knows whose it was."""
    values = life.changes[-1].evidence.values
    assert values.get("joint_unattributed") in (None, True)
    return "joint_unattributed" in values


def test_an_activation_by_what_any_owner_may_have_done_says_so() -> None:
    life = Life()
    life.tell(opened(0, role="joint"), jointly(1), used(2, acting_party=CUSTOMER), used(3))
    assert life.story[-1] == "3 10:00 new > active activated"
    assert marked(life)
    written = life.changes[-1].model_dump_json(by_alias=True)
    assert '"joint_unattributed":true' in written
    assert StageChanged.model_validate_json(written) == life.changes[-1]


def test_an_activation_by_what_the_customer_is_known_to_have_done_says_nothing() -> None:
    life = Life()
    own = [jointly(day, acting_party=CUSTOMER) for day in (1, 2, 3)]
    life.tell(opened(0, role="joint"), jointly(1, acting_party=OTHER), *own)
    assert life.story[-1] == "3 10:00 new > active activated"
    assert not marked(life)


def test_what_was_done_before_the_customer_was_new_is_not_what_activated_them() -> None:
    life = active()
    life.tell(jointly(5), fact("account.closed", 6, account_ref="a1", role="owner"))
    life.tell(opened(20), used(21), used(22), used(23))
    assert life.story[-1] == "23 10:00 new > active activated"
    assert not marked(life)


def test_a_recovery_from_silence_by_what_any_owner_may_have_done_says_so() -> None:
    for back, mark in ((jointly, True), (used, False)):
        life = active()
        life.tell(jointly(4))
        life.passes(95)
        assert life.now.stage == "at_risk"
        assert life.tell(back(100), back(101))[-1].endswith("at_risk > active recovered: silence")
        assert marked(life) is mark


def test_a_winning_back_by_what_any_owner_may_have_done_says_so() -> None:
    life = active()
    life.passes(184)
    assert life.tell(used(300), used(301), jointly(302)) == ["302 10:00 lost > active won_back"]
    assert marked(life)


def test_a_joint_posting_taken_back_leaves_its_doubt_in_whatever_order_the_two_come() -> None:
    told = [jointly(1, posting_id="p"), reversed_(2, "p")]
    days = set()
    for order in (told, told[::-1]):
        life = Life()
        life.tell(opened(0, role="joint"), *order)
        assert life.now.activity.days == 0
        days.add(life.now.joint_day)
    assert len(days) == 1
    assert None not in days


def test_the_latest_day_that_nobody_is_known_for_is_remembered() -> None:
    life = Life()
    life.tell(opened(0, role="joint"), jointly(5), jointly(3), used(9))
    known = life.now.joint_day
    assert known is not None
    assert known == life.now.activity.last_day - 4
