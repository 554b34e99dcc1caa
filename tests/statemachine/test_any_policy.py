"""Whatever a valid policy says, the fold decides: no rules that chase each other, no surprise."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.events import CustomerEvent
from statemachine.policy import Policy
from tests.statemachine.builders import policy
from tests.statemachine.folded import LATER, Folded
from tests.statemachine.lives import at, lives

spans = st.sampled_from(
    (
        *("0 days", "1 day", "10 days", "90 days", "180 days", "36525 days"),
        *("0 hours", "1 second", "5 hours", "36 hours", "2000 hours"),
    )
)
_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "zone": st.sampled_from(("Asia/Shanghai", "Europe/Prague", "Africa/Cairo", "UTC")),
    "adoption.older_than": spans,
    "onboarding.window": spans,
    "activation.own_activity_days": st.integers(1, 5),
    "lost.after_silence": spans,
    "lost.at_least_at_risk": spans,
    "prospects.limit": st.none() | spans,
    "maturity_grace": spans,
    "quiet_period": spans,
    "memory.event_ids": st.integers(1, 12),
    "memory.reversible_postings": st.integers(1, 4),
    "rules.silence.limit": st.sampled_from(("fixed", "own_rhythm")),
    "rules.silence.after": spans,
    "rules.silence.clears_after_days": st.sampled_from((1, 2)),
    "rules.silence.clears_within_days": st.integers(1, 200),
    "rules.silence.own_rhythm.at_least_days": st.integers(1, 60),
    "rules.complaint.score_below": st.integers(0, 10),
    "rules.complaint.score_clears_after": spans,
    "rules.churn_score.raise_at": st.sampled_from(("0", "0.1", "0.7", "1")),
    "rules.churn_score.clear_below": st.sampled_from(("0", "0.1", "0.7", "1")),
}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that is not refused."""
    chosen = draw(st.lists(st.sampled_from(sorted(_SETTINGS)), unique=True, max_size=8))
    changes = {path: draw(_SETTINGS[path]) for path in chosen}
    off = draw(st.lists(st.sampled_from(("silence", "not_onboarded", "complaint", "churn_score"))))
    try:
        return policy(**changes, **{f"rules.{rule}": None for rule in set(off)})
    except ValidationError:
        assume(condition=False)
        raise


@given(policies(), lives)
@settings(max_examples=80, deadline=None)
def test_any_policy_decides_any_life_the_same_way_swept_or_not(
    rules: Policy, life: list[CustomerEvent]
) -> None:
    swept, unswept = Folded(rules), Folded(rules)
    for event in life:
        unswept.tell(event)
        swept.sweep((at(life[0]) + at(event)) // 2)
        swept.sweep(at(event))
        swept.tell(event)
    for folded in (swept, unswept):
        folded.sweep(at(life[-1]) + LATER)
    assert swept.outputs == unswept.outputs


@given(policies(), policies(), lives, st.integers(0, 200 * 86_400_000))
@settings(max_examples=60, deadline=None)
def test_any_policy_can_follow_any_other(
    first: Policy, second: Policy, life: list[CustomerEvent], pause: int
) -> None:
    folded = Folded(first)
    for event in life:
        folded.tell(event)
    changed_at = at(life[-1]) + pause
    folded.activate(second, changed_at)
    assert folded.customer is not None
    names = {rule.name for rule in second.active_rules}
    assert set(folded.customer.reasons) <= names
    published = len(folded.outputs)
    folded.sweep(changed_at)
    assert len(folded.outputs) == published
    folded.sweep(changed_at + LATER)
