"""What is remembered beside the stage, for the rules, segments and actions that will use it."""

import itertools
from datetime import date
from typing import Any

import pytest

from statemachine.calendar import day_number
from statemachine.customer import Attribute, Consent, Customer, Objection
from statemachine.person import MOST_CONSENTS, consent_for
from tests.statemachine.builders import Life, active, fact, millis, scored


def attribute(day: float, name: str, value: str, **fields: Any) -> Any:
    return fact("customer.attribute-set", day, attribute=name, value=value, **fields)


def objection(day: float, purpose: str, *, made: bool) -> Any:
    return fact("objection.changed", day, purpose=purpose, objected=made)


def consent(day: float, channel: str | None = None, *, given: bool, **fields: Any) -> Any:
    usual = {"purpose": "marketing", "channel": channel, "granted": given}
    return fact("consent.changed", day, **usual | fields)


def status(day: float, word: str, **fields: Any) -> Any:
    return fact("customer.status-changed", day, status=word, **fields)


def ten(day: float) -> int:
    """Ten o'clock, when facts happen."""
    return millis(day, "10:00")


def test_the_latest_of_each_attribute_is_remembered() -> None:
    life = active()
    life.tell(*(attribute(5, "risk_appetite", value) for value in ("C2", "C3")))
    life.tell(attribute(6, "time_zone", "Asia/Urumqi"))
    assert life.now.attributes == {
        "risk_appetite": Attribute("C3", ten(5)),
        "time_zone": Attribute("Asia/Urumqi", ten(6)),
    }


def test_an_attribute_is_remembered_with_the_last_day_on_which_it_holds() -> None:
    life = active()
    life.tell(attribute(5, "risk_appetite", "C4", expires_on="2025-01-05"))
    assert life.now.attributes["risk_appetite"].expires_on == day_number(date(2025, 1, 5))
    life.tell(attribute(9, "risk_appetite", "C2"))
    assert life.now.attributes["risk_appetite"] == Attribute("C2", ten(9))


def test_objections_are_remembered_by_purpose_until_withdrawn() -> None:
    life = Life()
    life.tell(objection(0, "profiling", made=True), objection(1, "marketing", made=True))
    assert list(life.now.objected) == ["marketing", "profiling"]
    life.tell(objection(2, "profiling", made=False))
    assert list(life.now.objected) == ["marketing"]
    assert life.now.objections["profiling"] == Objection(False, ten(2))


def test_a_consent_is_remembered_by_purpose_and_channel_with_its_basis() -> None:
    life = Life()
    life.tell(
        consent(0, given=True, legal_basis="contract"),
        consent(1, "sms", given=True),
        consent(2, "sms", given=False),
        consent(3, given=True, purpose="profiling"),
    )
    assert life.now.consents == {
        "marketing": Consent(True, ten(0), "contract"),
        "marketing/sms": Consent(False, ten(2)),
        "profiling": Consent(True, ten(3)),
    }


def test_a_hold_stands_until_it_is_lifted() -> None:
    life = active()
    life.tell(status(5, "hold"))
    assert life.now.hold
    life.tell(status(6, "hold_lifted"))
    assert not life.now.hold


def test_a_minor_is_one_until_a_day() -> None:
    life = active()
    life.tell(status(5, "minor", until="2030-09-01"))
    assert life.now.minor_until == day_number(date(2030, 9, 1))


LATEST_COUNTS = [
    [attribute(day, "risk_appetite", f"C{day}", expires_on=f"2026-01-0{day}") for day in (1, 2, 3)],
    [objection(day, "profiling", made=day != 2) for day in (1, 2, 3)],
    [objection(day, "profiling", made=day == 2) for day in (1, 2, 3)],
    [consent(day, "sms", given=day != 2, legal_basis=f"b{day}") for day in (1, 2, 3)],
    [consent(day, given=day == 2) for day in (1, 2, 3)],
    [status(1, "hold"), status(2, "hold_lifted"), status(3, "hold")],
    [status(1, "hold_lifted"), status(2, "hold"), status(3, "hold_lifted")],
    [status(day, "minor", until=f"203{day}-09-01") for day in (1, 2, 3)],
    [scored(day, f"0.{day}") for day in (1, 2, 3)],
]


def known(*events: Any) -> tuple[Any, ...]:
    """What is remembered of the person."""
    life = Life()
    life.tell(*events)
    now = life.now
    return (
        *(now.attributes, now.objections, now.consents, now.score),
        *(now.hold, now.hold_told_at, now.minor_until, now.minor_told_at),
    )


@pytest.mark.parametrize("told", LATEST_COUNTS, ids=lambda told: told[0].type)
def test_the_latest_telling_counts_in_whatever_order_they_come(told: list[Any]) -> None:
    in_order = known(*told)
    assert in_order == known(told[-1])
    for shuffled in itertools.permutations(told):
        assert known(*shuffled) == in_order


@pytest.mark.parametrize("told", LATEST_COUNTS, ids=lambda told: told[0].type)
def test_of_two_told_for_the_same_instant_the_later_to_arrive_counts(told: list[Any]) -> None:
    first, second = (
        one.model_copy(update={"occurred_at": told[0].occurred_at}) for one in told[:2]
    )
    assert known(first, second) == known(second)
    assert known(second, first) == known(first)


def known_consents(*events: Any) -> dict[str, Consent]:
    life = Life()
    life.tell(*events)
    return life.now.consents


def test_consents_have_a_bound_and_a_consent_is_forgotten_before_a_withdrawal() -> None:
    told = [consent(0, given=True), *(consent(day, f"c{day}", given=day > 3) for day in range(30))]
    consents = known_consents(*told)
    assert len(consents) == MOST_CONSENTS
    withdrawn = {name for name, one in consents.items() if not one.given}
    assert withdrawn == {f"marketing/c{day}" for day in range(4)}
    assert "marketing" in consents
    assert "marketing/c29" in consents


def test_with_a_forgotten_withdrawal_goes_the_consent_that_would_speak_for_it() -> None:
    """Unknown means no marketing."""
    told = [consent(0, given=True), *(consent(day, f"c{day}", given=False) for day in range(8))]
    consents = known_consents(*told)
    assert "marketing/c0" not in consents
    assert "marketing" not in consents
    again = known_consents(*told, consent(50, given=False), consent(60, "c60", given=False))
    assert not again["marketing"].given


def test_a_channel_of_any_length_takes_little_room_and_is_told_from_others() -> None:
    names = {consent_for("marketing", channel) for channel in ("x" * 12, "x" * 63, "x" * 64)}
    assert len(names) == 3
    assert max(map(len, names)) == len("marketing/") + 12
    life = Life()
    life.tell(consent(0, "y" * 64, given=True))
    life.tell(consent(1, "y" * 64, given=False))
    life.tell(consent(2, given=True, legal_basis="z" * 64))
    withdrawn, given = life.now.consents.values()
    assert withdrawn == Consent(False, ten(1))
    assert given.basis is not None
    assert len(given.basis) == 9


def test_a_score_of_before_1970_is_a_score() -> None:
    life = Life()
    life.tell(fact("feedback.received", -30_000, feedback_id="s", kind="score", score=2))
    assert life.now.feedback is not None
    assert life.now.feedback.score == 2


def test_a_complaint_settled_twice_takes_the_room_of_one() -> None:
    life = Life()
    for number in (1, 2, 3, 4, 4, 4, 4):
        life.tell(fact("feedback.resolved", number, feedback_id=f"f{number}"))
    assert life.now.feedback is not None
    assert len(life.now.feedback.resolved) == 4


def test_who_said_nothing_has_no_wishes() -> None:
    nobody = Customer()
    assert (nobody.objected, nobody.consents, nobody.attributes) == ((), {}, {})


def test_of_several_models_the_latest_score_counts() -> None:
    life = active()
    life.tell(scored(10, "0.9", model="one"))
    assert life.tell(scored(11, "0.2", model="two")) == [
        "11 10:00 at_risk > active recovered: churn_score"
    ]
