"""Two changes from one event, and times that never go back (design section 2)."""

from schemas.outputs import StageChanged
from tests.statemachine.builders import (
    Life,
    active,
    closed,
    complained,
    millis,
    opened,
    posted,
    resolved,
    used,
)


def last(life: Life) -> StageChanged:
    return life.changes[-1]


def test_a_change_made_by_a_due_time_is_not_marked_and_the_event_s_says_what_it_overtakes() -> None:
    life = active()
    life.tell(closed(100))
    silent, left = life.changes[-2:]
    assert (silent.kind, silent.supersedes) == ("warned", None)
    assert (left.kind, left.supersedes) == ("left", silent.id)


def test_it_says_so_though_a_sweep_published_the_first_long_before() -> None:
    swept, unswept = Life(), Life()
    begin, event = [opened(0), used(1), used(2), used(3)], closed(100)
    swept.tell(*begin)
    swept.passes(95)
    swept.tell(event)
    unswept.tell(*begin, event)
    assert last(swept).supersedes == swept.changes[-2].id
    assert swept.outputs == unswept.outputs


def test_of_several_due_changes_the_last_is_overtaken() -> None:
    life = active()
    life.tell(opened(500, "a2"))
    warned, lost, back = life.changes[-3:]
    assert (warned.kind, lost.kind, back.kind) == ("warned", "left", "won_back")
    assert (lost.supersedes, back.supersedes) == (None, lost.id)


def test_an_event_in_between_makes_the_due_change_stand() -> None:
    life = active()
    life.tell(posted(100, "bank"), closed(101))
    assert last(life).supersedes is None


def test_a_change_that_follows_another_event_s_change_supersedes_nothing() -> None:
    life = active()
    life.tell(complained(10), resolved(20))
    assert [change.supersedes for change in life.changes] == [None] * 4


def test_the_time_of_effect_never_goes_back_though_an_event_comes_late() -> None:
    life = active()
    life.passes(94)
    life.tell(closed(90), clock=millis(94))
    assert life.story[-2:] == [
        "94 00:00 active > at_risk warned: silence",
        "94 00:00 at_risk > lost left (closure): silence",
    ]


def test_a_late_fact_rewrites_nothing_but_corrects() -> None:
    life = active()
    life.passes(94)
    published = list(life.outputs)
    assert life.tell(used(80), clock=millis(96)) == [
        "96 00:00 at_risk > active corrected: silence",
    ]
    assert life.outputs[:-1] == published
    assert life.changes[-1].mode == "corrected"
    assert life.now.activity.days == 4


def test_a_late_fact_can_make_due_what_lies_between_it_and_the_clock() -> None:
    life = Life()
    life.tell(opened(0))
    late = used(1, time="09:00")
    life.tell(late, clock=millis(91))
    assert life.story[1:] == [
        "91 00:00 new > at_risk warned: not_onboarded, silence",
        "91 00:00 at_risk -silence",
    ]


def test_the_number_of_a_change_grows_by_one_and_reasons_have_their_own() -> None:
    life = active()
    life.tell(complained(10))
    life.passes(95)
    life.tell(resolved(96), used(97), used(98))
    kinds = [(type(output).__name__, output.sequence) for output in life.outputs]
    assert kinds == [
        ("StageChanged", 1),
        ("StageChanged", 2),
        ("StageChanged", 3),
        ("RiskReasonsChanged", 1),
        ("RiskReasonsChanged", 2),
        ("StageChanged", 4),
    ]
