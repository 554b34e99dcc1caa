from tests.statemachine.builders import Life, active, millis, opened, policy, reversed_, used


def test_a_reversal_before_activation_takes_its_day_back() -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2, posting_id="x"), reversed_(3, "x"))
    assert life.tell(used(4)) == []
    assert life.tell(used(5)) == ["5 10:00 new > active activated"]


def test_a_reversal_never_withdraws_an_activation() -> None:
    life = Life()
    life.tell(opened(0), used(1, posting_id="x"), used(2, posting_id="y"), used(3))
    assert life.tell(reversed_(4, "x"), reversed_(4, "y")) == []
    assert life.now.stage == "active"
    assert life.passes(91) == []


def test_a_deadline_that_a_reversal_makes_overdue_fires_at_the_reversal_s_time() -> None:
    life = active()
    life.tell(used(60, posting_id="x"))
    assert life.tell(reversed_(100, "x", "15:30")) == ["100 15:30 active > at_risk warned: silence"]
    change = life.changes[-1]
    assert change.caused_by.type == "transaction.reversed"
    assert change.reasons[0].values["last_sign_of_life"] == "2024-01-04"


def test_a_deadline_that_a_reversal_brings_nearer_fires_at_its_own_time() -> None:
    life = active()
    life.tell(used(60, posting_id="x"), reversed_(80, "x"))
    assert life.now.timer is not None
    assert life.now.timer <= millis(94)
    assert life.passes(94) == ["94 00:00 active > at_risk warned: silence"]


def test_a_loss_brought_nearer_by_a_reversal_still_waits_its_time_at_risk() -> None:
    life = active()
    life.tell(used(90, posting_id="x"))
    life.passes(181)
    assert life.now.stage == "at_risk"
    assert life.tell(reversed_(200, "x")) == []
    assert life.passes(211, "23:59") == []
    assert life.passes(212) == ["212 00:00 at_risk > lost left (silence): silence"]


def test_a_loss_overdue_by_a_reversal_waits_for_the_thirty_days_at_risk() -> None:
    life = active()
    life.tell(used(85, posting_id="x"), used(170, posting_id="y"))
    life.tell(reversed_(200, "y"))
    assert life.story[-1] == "200 10:00 active > at_risk warned: silence"
    assert life.tell(reversed_(220, "x")) == []
    assert life.passes(230, "23:59") == []
    assert life.passes(231) == ["231 00:00 at_risk > lost left (silence): silence"]


def test_a_recovery_stands_though_its_activity_is_taken_back() -> None:
    life = active()
    life.passes(100)
    life.tell(used(100, posting_id="x"), used(101, posting_id="y"))
    assert life.now.stage == "active"
    assert life.tell(reversed_(102, "x"), reversed_(102, "y")) == []
    assert life.passes(131, "23:59") == []
    assert life.passes(132) == ["132 00:00 active > at_risk warned: silence"]


def test_a_reversal_while_silent_takes_the_first_day_of_the_return_back() -> None:
    life = active()
    life.passes(100)
    life.tell(used(100, posting_id="x"), reversed_(101, "x"))
    assert life.tell(used(102)) == []
    assert life.tell(used(103)) == ["103 10:00 at_risk > active recovered: silence"]


def test_a_reversal_that_comes_before_its_posting_leaves_no_activity() -> None:
    life = Life()
    life.tell(opened(0), used(1), used(2), reversed_(3, "x"))
    assert life.tell(used(3, posting_id="x")) == []
    assert life.now.activity.days == 2


def test_a_reversal_of_a_posting_no_longer_remembered_changes_nothing() -> None:
    life = active(policy(**{"memory.reversible_postings": 2}))
    life.tell(used(4, posting_id="x"), used(5), used(6), used(7))
    days = life.now.activity.days
    assert life.tell(reversed_(8, "x")) == []
    assert life.now.activity.days == days


def test_a_reversal_of_somebody_else_s_posting_changes_nothing() -> None:
    life = active()
    before = life.now.activity.days, life.now.activity.bits
    assert life.tell(reversed_(5, "fee")) == []
    assert (life.now.activity.days, life.now.activity.bits) == before


def test_who_is_lost_keeps_only_the_days_that_were_not_taken_back() -> None:
    life = active()
    life.passes(184)
    life.tell(used(300), used(301, posting_id="x"), reversed_(302, "x"))
    assert life.tell(used(303)) == []
    assert life.tell(used(304)) == ["304 10:00 lost > active won_back"]
