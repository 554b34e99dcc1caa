"""At-risk against the truth, by stories made by hand: each number is what its definition says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from operate.demo.judged import Judged, Line, calls_of, judge
from operate.demo.picture import CAPTION, truth_table
from operate.terminal import say
from schemas.base import rfc3339
from schemas.outputs import Cause, Evidence, Output, Reason, RiskReasonsChanged, StageChanged

START = datetime(2024, 1, 1, tzinfo=UTC)
END = START + timedelta(days=700)


def at(day: float) -> str:
    """A time of the plan, as outputs write it."""
    return rfc3339(int((START + timedelta(days=day)).timestamp() * 1000))


def common(customer: str, day: float) -> dict[str, Any]:
    return {
        "id": f"{customer}-{day}",
        "customer_id": customer,
        "sequence": 1,
        "effective_at": at(day),
        "mode": "live",
        "caused_by": Cause(type="due", occurred_at=at(day)),
        "evidence": Evidence(rule="x"),
        "policy_digest": "0",
        "why": "because",
    }


def reasons(*rules: str) -> list[Reason]:
    return [
        Reason(rule=rule, group="inactivity", since=at(0), thresholds={}, values={})
        for rule in rules
    ]


def moved(customer: str, day: float, to: str, *rules: str) -> StageChanged:
    told = {"from": None, "to": to, "kind": "warned", "reasons": reasons(*rules)}
    return StageChanged.model_validate({**common(customer, day), **told})


def changed(customer: str, day: float, *still_open: str) -> RiskReasonsChanged:
    told = {"stage": "at_risk", "raised": [], "cleared": [], "open": list(still_open)}
    return RiskReasonsChanged.model_validate({**common(customer, day), **told})


def line(
    customer: str = "C1",
    *,
    left: float | None,
    began: float | None = None,
    back: float | None = None,
    closed: float | None = None,
    why: str = "moved_bank",
) -> Line:
    started = left if began is None else began
    assert started is not None
    return {
        "customer_id": customer,
        "began_at": at(started),
        "left_at": None if left is None else at(left),
        "returned_at": None if back is None else at(back),
        "closed_at": None if closed is None else at(closed),
        "why": why,
    }


def judged(story: list[Output], *truth: Line) -> dict[str | None, Judged]:
    known: list[Output] = [moved("C1", 0, "active")]
    return dict(judge({"C1": [*known, *story]}, truth, START, END))


def called(day: float, until: float | None = None, rule: str = "silence") -> list[Output]:
    """At risk from a day on, for this reason, and active again at another."""
    back = [] if until is None else [moved("C1", until, "active")]
    return [moved("C1", day, "at_risk", rule), *back]


def counts(one: Judged) -> tuple[int, int, int, int]:
    return one.right, one.leaning, one.false, one.gone


def test_a_call_before_the_last_act_is_right_early_and_has_a_lead() -> None:
    found = judged(called(100), line(left=130, began=90))
    for rule in (None, "silence"):
        assert counts(found[rule]) == (1, 0, 0, 0)
        assert (found[rule].caught, found[rule].departures, found[rule].before) == (1, 1, 1)
        assert found[rule].median_lead == 30
        assert found[rule].precision == found[rule].recall == 1


def test_a_call_hours_before_the_last_act_is_right_and_not_called_early() -> None:
    (early, hours) = (judged(called(day), line(left=100))[None] for day in (99, 99.5))
    assert (hours.right, hours.caught, hours.before, hours.median_lead) == (1, 1, 0, 0.5)
    assert early.before == 1
    at_once = judged([*called(99.9), moved("C1", 100, "lost")], line(left=100))[None]
    assert counts(at_once) == (1, 0, 0, 0)


def test_a_call_hours_before_a_closing_is_right_and_catches_nobody() -> None:
    for day, caught in ((99, 1), (99.5, 0)):
        found = judged([*called(day), moved("C1", 100, "lost")], line(left=100, closed=100))[None]
        assert (found.right, found.caught, found.before) == (1, caught, caught)
    late = judged(called(191), line(left=100, closed=230))[None]
    assert (late.right, late.caught) == (1, 1)


def test_a_call_after_the_last_act_has_a_negative_lead_and_is_not_before_it() -> None:
    found = judged(called(191), line(left=100))[None]
    assert (found.right, found.caught, found.before, found.median_lead) == (1, 1, 0, -91)


def test_a_call_is_too_late_120_days_after_the_last_act_but_not_false() -> None:
    in_time, late = judged(called(220), line(left=100)), judged(called(220.1), line(left=100))
    assert (in_time[None].caught, late[None].caught) == (1, 0)
    assert counts(late[None]) == counts(in_time[None]) == (1, 0, 0, 0)
    assert (late[None].recall, late[None].median_lead) == (0, None)


def test_a_call_that_was_over_before_the_leaving_began_is_a_false_alarm() -> None:
    found = judged(called(100, until=120), line(left=125))[None]
    assert counts(found) == (0, 0, 1, 0)
    assert (found.caught, found.departures, found.precision) == (0, 1, 0)


def test_a_call_that_still_stands_when_the_leaving_begins_is_right_but_not_for_ever() -> None:
    assert counts(judged(called(100), line(left=280))[None]) == (1, 0, 0, 0)
    lucky = judged(called(100), line(left=280.1))[None]
    assert counts(lucky) == (0, 0, 1, 0)
    assert lucky.caught == 0


def test_whoever_turned_back_or_hangs_on_was_leaning_which_counts_against_precision() -> None:
    for truth in (line(left=None, began=90, back=150), line(left=None, began=90)):
        found = judged(called(100), truth)[None]
        assert counts(found) == (0, 1, 0, 0)
        assert (found.precision, found.departures) == (0, 0)
    after = judged(called(160), line(left=None, began=90, back=150))[None]
    assert counts(after) == (0, 0, 1, 0)


def test_calls_of_who_had_left_before_the_plan_are_counted_apart() -> None:
    found = judged(called(10), line(left=-40, back=60))[None]
    assert counts(found) == (0, 0, 0, 1)
    assert (found.calls, found.precision, found.departures) == (0, None, 0)
    assert counts(judged(called(70), line(left=-40, back=60))[None]) == (0, 0, 1, 0)


def test_death_is_no_departure_and_a_call_of_the_dying_is_a_false_alarm() -> None:
    found = judged(called(100), line(left=110, why="died"))[None]
    assert counts(found) == (0, 0, 1, 0)
    assert (found.departures, found.recall) == (0, None)


@pytest.mark.parametrize("left,departures", [(29.9, 0), (30, 1), (579.9, 1), (580, 0)])
def test_who_could_be_caught_was_known_for_a_while_and_is_followed_up(
    left: float, departures: int
) -> None:
    for story in (called(left - 1), called(650)):
        assert judged(story, line(left=left))[None].departures == departures


def test_a_customer_first_seen_as_a_prospect_is_known_from_the_opening_on() -> None:
    story: list[Output] = [moved("C1", 0, "potential"), moved("C1", 50, "new")]
    for left, departures in ((79, 0), (80, 1)):
        found = judge({"C1": [*story, *called(85)]}, [line(left=left)], START, END)
        assert found[None].departures == departures


def test_each_rule_is_judged_by_its_own_time_and_against_all_departures() -> None:
    story: list[Output] = [
        *called(100, rule="outflow"),
        changed("C1", 120, "outflow", "silence"),
        changed("C1", 125, "silence"),
        moved("C1", 200, "lost"),
    ]
    found = judged(story, line(left=122, began=121))
    assert {name: counts(one) for name, one in found.items()} == {
        None: (1, 0, 0, 0),
        "outflow": (1, 0, 0, 0),
        "silence": (1, 0, 0, 0),
    }
    leads = {name: one.median_lead for name, one in found.items()}
    assert leads == {None: 22, "outflow": 22, "silence": 2}
    early = judged(story, line(left=150, began=130))
    assert (early["outflow"].false, early["outflow"].recall) == (1, 0)
    assert (early["silence"].right, early["silence"].recall) == (1, 1)


def test_a_customer_called_twice_makes_two_calls_and_is_caught_once_by_the_first() -> None:
    story = [*called(100, until=110), *called(120)]
    found = judged(story, line(left=130, began=90))[None]
    assert (found.right, found.caught, found.median_lead) == (2, 1, 30)


def test_a_call_before_a_return_does_not_catch_the_next_departure() -> None:
    story = [*called(150, until=200), *called(310)]
    first, second = line(left=100, back=190), line(left=300)
    found = judged(story, first, second)[None]
    assert (found.right, found.caught) == (2, 2)
    assert sorted(found.leads) == [-50, -10]


def test_whoever_is_lost_is_called_no_more() -> None:
    story: list[Output] = [*called(100), moved("C1", 130, "lost")]
    (call,) = calls_of({"C1": story})[None]
    assert (call.ends - call.begins).days == 30


_FIRST_LINE = ["in", "all", "1", "1", "0", "0", "100%", "1", "of", "1", "100%", "1", "30", "days"]


def test_the_table_has_a_line_for_each_rule_and_the_stage_and_explains_itself() -> None:
    console = Console(width=160, highlight=False)
    with console.capture() as shown:
        console.print(truth_table(judged(called(100), line(left=130, began=90))))
        say(console, CAPTION)
    text = shown.get()
    assert text.splitlines()[2].split() == _FIRST_LINE
    assert text.splitlines()[3].startswith("silence")
    assert max(map(len, text.splitlines())) <= 100
