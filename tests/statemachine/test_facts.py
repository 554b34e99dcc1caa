"""What is remembered beside the stage, for the rules, segments and actions that will use it."""

from statemachine.calendar import day_number
from tests.statemachine.builders import Life, active, fact, on, scored


def test_the_latest_of_each_attribute_is_remembered() -> None:
    life = active()
    for value in ("C2", "C3"):
        life.tell(fact("customer.attribute-set", 5, attribute="risk_appetite", value=value))
    life.tell(fact("customer.attribute-set", 6, attribute="time_zone", value="Asia/Urumqi"))
    assert life.now.attributes == {"risk_appetite": "C3", "time_zone": "Asia/Urumqi"}


def test_objections_are_remembered_by_purpose_until_withdrawn() -> None:
    life = Life()
    life.tell(fact("objection.changed", 0, purpose="profiling", objected=True))
    life.tell(fact("objection.changed", 1, purpose="marketing", objected=True))
    assert list(life.now.objected) == ["marketing", "profiling"]
    life.tell(fact("objection.changed", 2, purpose="profiling", objected=False))
    assert list(life.now.objected) == ["marketing"]


def test_a_hold_stands_until_it_is_lifted() -> None:
    life = active()
    life.tell(fact("customer.status-changed", 5, status="hold"))
    assert life.now.hold
    life.tell(fact("customer.status-changed", 6, status="hold_lifted"))
    assert not life.now.hold


def test_a_minor_is_one_until_a_day() -> None:
    life = active()
    life.tell(fact("customer.status-changed", 5, status="minor", until="2030-09-01"))
    assert life.now.minor_until == day_number(on(0).date().replace(2030, 9, 1))


def test_of_several_models_the_latest_score_counts() -> None:
    life = active()
    life.tell(scored(10, "0.9", model="one"))
    assert life.tell(scored(11, "0.2", model="two")) == [
        "11 10:00 at_risk > active recovered: churn_score"
    ]
