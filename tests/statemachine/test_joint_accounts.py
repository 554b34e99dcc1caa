"""Two parties of one account, each told by a copy of the same record with the same event id."""

from typing import Any

from tests.statemachine.builders import CUSTOMER, Life, fact, opened, used

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
