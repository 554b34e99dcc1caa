from tests.statemachine.builders import Life, closed, fact, opened, policy, registered, scored, used

PATIENT = policy()
LIMITED = policy(**{"prospects.limit": "30 days"})


def test_a_prospect_waits_for_ever_unless_the_policy_says_otherwise() -> None:
    life = Life(PATIENT)
    life.tell(registered(0))
    assert life.passes(5000) == []
    assert life.now.timer is None


def test_a_prospect_is_given_up_after_the_limit() -> None:
    life = Life(LIMITED)
    life.tell(registered(0))
    assert life.passes(30, "23:59") == []
    assert life.passes(31) == ["31 00:00 potential > lost expired (expired)"]
    change = life.changes[-1]
    assert change.evidence.thresholds == {"limit": "30 days"}
    assert change.evidence.values == {"last_interest_at": "2024-01-01T02:00:00.000Z"}


def test_interest_shown_again_postpones_the_limit() -> None:
    life = Life(LIMITED)
    life.tell(registered(0), fact("interest.shown", 20, kind="quote"))
    assert life.passes(50, "23:59") == []
    assert life.passes(51) == ["51 00:00 potential > lost expired (expired)"]


def test_an_older_interest_told_late_does_not_bring_the_limit_nearer() -> None:
    life = Life(LIMITED)
    life.tell(registered(10), fact("interest.shown", 9, kind="visit"))
    assert life.passes(40, "23:59") == []


def test_who_was_given_up_is_a_prospect_again_with_the_next_interest() -> None:
    life = Life(LIMITED)
    life.tell(registered(0))
    assert life.tell(fact("interest.shown", 100, kind="enquiry")) == [
        "31 00:00 potential > lost expired (expired)",
        "100 10:00 lost > potential progressed",
    ]


def test_who_was_given_up_and_opens_an_account_is_new_and_not_won_back() -> None:
    life = Life(LIMITED)
    life.tell(registered(0))
    life.passes(31)
    assert life.tell(opened(100)) == ["100 10:00 lost > new progressed"]


def test_a_customer_s_interest_in_another_product_is_no_move() -> None:
    life = Life()
    life.tell(opened(0))
    assert life.tell(fact("interest.shown", 5, kind="application")) == []


def test_an_application_alone_is_no_relationship() -> None:
    life = Life()
    assert life.tell(fact("interest.shown", 0, kind="application")) == [
        "0 10:00 (none) > potential entered"
    ]
    assert life.tell(fact("interest.shown", 9, kind="application")) == []


def test_a_prospect_has_no_reasons() -> None:
    life = Life()
    life.tell(registered(0))
    assert life.tell(scored(1, "0.99")) == []
    assert life.now.reasons == {}


def test_a_prospect_of_whom_only_a_closing_is_heard_stays_one() -> None:
    life = Life()
    life.tell(registered(0))
    assert life.tell(closed(1)) == []
    assert life.tell(used(2)) == []
    assert life.tell(opened(3)) == ["3 10:00 potential > new progressed"]
