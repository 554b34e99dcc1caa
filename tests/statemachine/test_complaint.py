from tests.statemachine.builders import (
    Life,
    active,
    closed,
    complained,
    opened,
    policy,
    rated,
    registered,
    resolved,
    snapshot,
    used,
)


def test_a_complaint_warns_when_it_is_filed_and_its_resolution_recovers() -> None:
    life = active()
    life.tell(complained(10), resolved(20))
    assert life.story[-2:] == [
        "10 10:00 active > at_risk warned: complaint",
        "20 10:00 at_risk > active recovered: complaint",
    ]


def test_the_customer_recovers_with_the_last_of_several_complaints() -> None:
    life = active()
    life.tell(complained(10, "f1"), complained(11, "f2"), complained(12, "f3"))
    assert life.tell(resolved(20, "f2"), resolved(21, "f1")) == []
    assert life.tell(resolved(22, "f3")) == ["22 10:00 at_risk > active recovered: complaint"]


def test_a_resolution_that_arrives_before_its_complaint_settles_it() -> None:
    life = active()
    assert life.tell(resolved(11), complained(10)) == []
    assert life.now.stage == "active"


def test_a_complaint_told_twice_under_two_event_ids_is_one_complaint() -> None:
    life = active()
    life.tell(complained(10), complained(10))
    assert life.tell(resolved(11)) == ["11 10:00 at_risk > active recovered: complaint"]


def test_the_resolution_of_a_complaint_never_heard_of_changes_nothing() -> None:
    assert active().tell(resolved(10, "f9")) == []


def test_a_bad_score_warns_and_wears_off_after_sixty_full_days() -> None:
    life = active()
    assert life.tell(rated(10, 3)) == ["10 10:00 active > at_risk warned: complaint"]
    assert life.passes(70, "23:59") == []
    assert life.passes(71) == ["71 00:00 at_risk > active recovered: complaint"]


def test_a_score_at_the_limit_is_not_bad() -> None:
    assert active().tell(rated(10, 4)) == []


def test_a_good_score_takes_back_the_bad_one() -> None:
    life = active()
    life.tell(rated(10, 0))
    assert life.tell(rated(12, 9, "s2")) == ["12 10:00 at_risk > active recovered: complaint"]


def test_a_bad_score_beside_an_open_complaint_still_counts_after_its_resolution() -> None:
    life = active()
    life.tell(complained(10), rated(20, 1))
    assert life.tell(resolved(30)) == []
    assert life.passes(81) == ["81 00:00 at_risk > active recovered: complaint"]


def test_a_complaint_filed_within_the_quiet_period_waits_for_its_end() -> None:
    life = active()
    life.tell(complained(10), resolved(20))
    assert life.tell(complained(30, "f2")) == []
    assert life.passes(51) == ["51 00:00 active > at_risk warned: complaint"]


def test_a_complaint_filed_and_settled_within_the_quiet_period_never_warns() -> None:
    life = active()
    life.tell(complained(10), resolved(20), complained(30, "f2"), resolved(40, "f2"))
    assert life.passes(60) == []


def test_a_bad_score_that_wears_off_within_the_quiet_period_never_warns() -> None:
    brief = policy(**{"rules.complaint.score_clears_after": "10 days"})
    life = active(brief)
    life.tell(complained(10), resolved(20))
    assert life.tell(rated(25, 1)) == []
    assert life.passes(90) == []
    assert life.now.stage == "active"


def test_a_new_customer_who_complains_is_at_risk_and_recovers_only_by_becoming_active() -> None:
    life = Life()
    life.tell(opened(0), complained(5), resolved(10))
    assert life.story[1:] == [
        "5 10:00 new > at_risk warned: complaint",
        "10 10:00 at_risk -complaint",
    ]
    assert life.tell(used(11), used(12), used(13)) == ["13 10:00 at_risk > active activated_late"]


def test_who_becomes_active_while_a_complaint_is_open_moves_when_it_is_settled() -> None:
    life = Life()
    life.tell(opened(0), complained(5), used(6), used(7), used(8))
    assert life.now.stage == "at_risk"
    assert life.tell(resolved(20)) == ["20 10:00 at_risk > active activated_late: complaint"]


def test_a_prospect_who_complained_is_at_risk_the_moment_they_become_a_customer() -> None:
    life = Life()
    life.tell(registered(0), complained(5))
    assert life.tell(opened(10)) == [
        "10 10:00 potential > new progressed",
        "10 10:00 new > at_risk warned: complaint",
    ]


def test_a_bad_score_from_before_the_customer_came_back_is_history() -> None:
    life = active()
    life.tell(rated(10, 0), closed(20))
    assert life.tell(opened(30, "a2")) == ["30 10:00 lost > new won_back"]


def test_a_complaint_still_open_when_the_customer_comes_back_is_not_history() -> None:
    life = active()
    life.tell(complained(10), closed(20))
    assert life.tell(opened(30, "a2"))[-1] == "30 10:00 new > at_risk warned: complaint"


def test_a_bad_score_known_at_first_sight_counts_unless_it_has_worn_off() -> None:
    fresh, stale = Life(), Life()
    fresh.tell(rated(0, 2), snapshot(30))
    stale.tell(rated(0, 2), snapshot(90))
    assert fresh.story == ["30 10:00 (none) > at_risk adopted: complaint"]
    assert fresh.passes(61) == ["61 00:00 at_risk > active recovered: complaint"]
    assert stale.story == ["90 10:00 (none) > active adopted"]
    assert stale.passes(92) == []


def test_the_open_complaints_are_in_the_evidence() -> None:
    life = active()
    life.tell(complained(10), complained(11, "f2", score=2))
    (change,) = life.changes[-1:]
    (reason,) = change.reasons
    assert reason.group == "dissatisfaction"
    assert reason.thresholds == {"score_below": 4, "score_clears_after": "60 days"}
    assert reason.values == {"open_complaints": 1, "oldest_filed_at": "2024-01-11T02:00:00.000Z"}
    assert change.why == "a complaint stands open"


def test_a_ninth_open_complaint_is_remembered_for_the_oldest() -> None:
    life = active()
    life.tell(*(complained(10 + number, f"f{number}") for number in range(9)))
    life.tell(*(resolved(30 + number, f"f{number}") for number in range(1, 9)))
    assert life.now.stage == "active"
