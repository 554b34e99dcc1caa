import pytest

from tests.statemachine.builders import Life, active, closed, opened, policy, scored, snapshot


def test_the_score_that_reaches_the_limit_warns_at_its_own_time() -> None:
    assert active().tell(scored(10, "0.8")) == ["10 10:00 active > at_risk warned: churn_score"]


def test_a_score_below_the_limit_says_nothing() -> None:
    assert active().tell(scored(10, "0.799999")) == []


@pytest.mark.parametrize("score", ["0.79", "0.7", "0.6"])
def test_between_the_two_limits_nothing_changes(score: str) -> None:
    life = active()
    life.tell(scored(10, "0.9"))
    assert life.tell(scored(20, score)) == []
    assert list(life.now.reasons) == ["churn_score"]


def test_below_the_lower_limit_the_customer_recovers() -> None:
    life = active()
    life.tell(scored(10, "0.9"))
    assert life.tell(scored(20, "0.599999")) == ["20 10:00 at_risk > active recovered: churn_score"]


def test_a_score_that_comes_right_back_waits_for_the_quiet_period() -> None:
    life = active()
    life.tell(scored(10, "0.9"), scored(20, "0.5"))
    assert life.tell(scored(25, "0.95")) == []
    assert life.passes(50, "23:59") == []
    assert life.passes(51) == ["51 00:00 active > at_risk warned: churn_score"]


def test_a_score_that_came_and_went_within_the_quiet_period_never_warns() -> None:
    life = active()
    life.tell(scored(10, "0.9"), scored(20, "0.5"), scored(25, "0.95"), scored(30, "0.7"))
    assert life.passes(60) == []


def test_an_older_score_that_arrives_late_does_not_replace_the_newer_one() -> None:
    life = active()
    life.tell(scored(10, "0.3"))
    assert life.tell(scored(9, "0.9")) == []


def test_a_score_from_before_the_customer_came_back_says_nothing_about_the_new_life() -> None:
    life = active()
    life.tell(scored(10, "0.9"), closed(20))
    assert life.tell(opened(400, "a2")) == ["400 10:00 lost > new won_back"]
    assert life.now.reasons == {}


def test_a_score_already_known_when_the_customer_is_first_seen_counts() -> None:
    life = Life()
    life.tell(scored(10, "0.9"))
    assert life.tell(snapshot(12)) == ["12 10:00 (none) > at_risk adopted: churn_score"]


def test_both_limits_and_the_score_are_in_the_evidence() -> None:
    life = active(policy(**{"rules.churn_score.raise_at": "0.7"}))
    life.tell(scored(10, "0.75"))
    (reason,) = life.changes[-1].reasons
    assert reason.group == "competitor"
    assert reason.thresholds == {"raise_at": "0.7", "clear_below": "0.6"}
    assert reason.values == {"score": "0.75"}
    assert life.changes[-1].why == "the bank's model scored the risk of leaving 0.75"
