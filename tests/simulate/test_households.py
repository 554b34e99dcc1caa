"""People who share accounts: couples, and children with their parents."""

from collections import Counter

from operate.simulate.almanac import DAY
from operate.simulate.script import Script
from tests.simulate.conftest import PLAN, Body, is_own
from tests.simulate.somebody import at, home_of, lived, scripts, told


def in_a_role(role: str) -> list[Script]:
    return scripts(lambda one: one.tie is not None and one.tie.role == role)


def test_couples_are_told_of_one_account_in_two_copies() -> None:
    for script in in_a_role("owner"):
        home = home_of(script)
        mine, theirs = (
            {(one["source"], one["event_id"]): one for one in facts if "role" in one}
            for facts in home.values()
        )
        assert len(mine) > 100
        assert mine.keys() == theirs.keys()
        partner = str(script.tie and script.tie.other)
        own = {"customer_id": partner, "role": "joint", "received_at": ""}
        for identity, fact in mine.items():
            assert theirs[identity] == {**fact, **own}
        shared = told(list(theirs.values()), "balance.reported")
        assert {one["owners"] for one in shared} == {2}
        acted = Counter(one.get("acting_party") for one in mine.values() if is_posted_by_owner(one))
        assert set(acted) == {None, script.customer_id, partner}


def is_posted_by_owner(fact: Body) -> bool:
    return bool(fact["type"] == "transaction.posted" and fact["initiator"] == "customer")


def test_a_couple_comes_and_goes_together() -> None:
    for script in scripts(
        lambda one: one.tie and one.tie.role == "owner" and one.absences and one.absences[0].why
    ):
        left = at(script.absences[0].at)
        for facts in home_of(script).values():
            assert not any(is_own(one) and one["occurred_at"] >= left for one in facts)


def test_parents_act_for_children_until_they_are_of_age() -> None:
    for script in scripts(lambda one: one.of_age is not None and one.of_age < PLAN.days - 60):
        assert script.tie is not None
        assert script.of_age is not None
        home = home_of(script)
        facts, majority = home[script.customer_id], at(script.of_age * DAY)
        (minor,) = told(facts, "customer.status-changed", status="minor")
        assert minor["until"] == majority[:10]
        posted = [one for one in facts if is_posted_by_owner(one)]
        before = [one for one in posted if one["occurred_at"] < majority]
        after = [one for one in posted if one["occurred_at"] >= majority]
        assert {one["acting_party"] for one in before} == {script.tie.other}
        assert after
        assert all("acting_party" not in one for one in after)
        copies = [one for one in home[script.tie.other] if one.get("role") == "guardian"]
        assert len(copies) >= len(before)
        assert all(one["occurred_at"] < majority for one in copies)


def test_some_children_stay_children_to_the_end() -> None:
    (script,) = scripts(lambda one: one.of_age is not None and one.of_age > PLAN.days, 1)
    assert not any(map(is_own, lived(script)))
