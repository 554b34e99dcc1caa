from statemachine.fold import sweep
from statemachine.policy import Policy
from tests.statemachine.builders import (
    CUSTOMER,
    Life,
    active,
    complained,
    millis,
    policy,
    rated,
    registered,
    sentence,
    used,
)


def activated(life: Life, rules: Policy, day: float) -> list[str]:
    """Another policy takes effect on a day; what that made."""
    life.policy = rules
    decided = sweep(rules, CUSTOMER, life.now, millis(day, "12:00"), mode="policy")
    life.customer = decided.customer
    life.outputs += decided.outputs
    assert {output.mode for output in decided.outputs} <= {"policy"}
    assert {output.policy_digest for output in decided.outputs} <= {rules.digest}
    return [sentence(output) for output in decided.outputs]


def test_what_another_policy_makes_due_takes_effect_when_it_does() -> None:
    life = active()
    shorter = policy(**{"rules.silence.after": "60 days"})
    assert activated(life, shorter, 80) == ["80 12:00 active > at_risk warned: silence"]


def test_what_another_policy_postpones_is_not_obeyed_at_the_old_time() -> None:
    life = active()
    longer = policy(**{"rules.silence.after": "120 days"})
    assert activated(life, longer, 80) == []
    assert life.passes(124) == ["124 00:00 active > at_risk warned: silence"]


def test_what_another_policy_brings_nearer_brings_the_timer_nearer() -> None:
    life = active()
    shorter = policy(**{"rules.silence.after": "55 days"})
    assert life.now.timer == millis(61)  # from then on a decline could be
    assert activated(life, shorter, 50) == []
    assert life.now.timer == millis(59)


def test_a_reason_whose_rule_is_switched_off_is_over() -> None:
    life = active()
    life.tell(complained(10))
    calm = policy(**{"rules.complaint": None})
    assert activated(life, calm, 20) == ["20 12:00 at_risk > active recovered: complaint"]
    assert life.changes[-1].caused_by.due == "complaint:clears"
    assert life.changes[-1].caused_by.occurred_at == life.changes[-1].effective_at


def test_of_two_reasons_the_one_whose_rule_stays_keeps_the_customer_at_risk() -> None:
    life = active()
    life.tell(complained(10))
    life.passes(95)
    calm = policy(**{"rules.complaint": None})
    assert activated(life, calm, 100) == ["100 12:00 at_risk -complaint"]
    assert list(life.now.reasons) == ["silence"]


def test_a_rule_switched_on_looks_at_what_is_already_known() -> None:
    life = active(policy(**{"rules.complaint": None}))
    life.tell(rated(40, 1))
    assert activated(life, policy(), 50) == ["50 12:00 active > at_risk warned: complaint"]


def test_a_rule_switched_on_does_not_dig_out_what_has_worn_off() -> None:
    life = active(policy(**{"rules.complaint": None}))
    life.tell(rated(5, 1), used(70), rated(71, 9, "s2"))
    assert activated(life, policy(), 80) == []


def test_a_limit_for_prospects_applies_to_those_there_are() -> None:
    life = Life()
    life.tell(registered(0))
    limited = policy(**{"prospects.limit": "30 days"})
    assert activated(life, limited, 40) == ["40 12:00 potential > lost expired (expired)"]


def test_the_same_policy_again_changes_nothing() -> None:
    life = active()
    before = life.now
    assert activated(life, policy(), 30) == []
    assert life.now == before
