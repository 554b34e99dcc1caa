"""What the demo shows of the at-risk rules: each is raised and cleared in the demo's own feed."""

from collections import Counter, defaultdict

import pytest

from consumer.decode import DEFAULT_LIMITS
from operate.demo.judged import Judgement, judge
from operate.demo.result import Result, collect
from operate.demo.stage import demo_policy_text
from operate.lines import decode_lines
from operate.replay import Replay
from operate.simulate import ACCOUNTS, DELAYS, TRANSACTIONS, Plan, simulate, truth
from schemas.outputs import StageChanged
from statemachine.policy_file import read_policy
from statemachine.rules import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PLAN = Plan(customers=2_000, days=730, seed=1, dirt=DELAYS)
NEVER_HERE = {
    # Under the shipped policy, whoever is not active yet has only reasons that stand on what was
    # told: what stands on silence, salaries, habits or assets takes longer than the onboarding.
    ("at_risk", "corrected_to_new"),
}


@pytest.fixture(scope="module")
def result() -> Result:
    """The demo without its servers."""
    policy = read_policy(demo_policy_text(), "the demo's policy")
    feed = decode_lines((one.value for one in simulate(PLAN)), "feed", DEFAULT_LIMITS)
    return collect(Replay(policy, (ACCOUNTS, TRANSACTIONS)).run(feed))


@pytest.fixture(scope="module")
def judgement(result: Result) -> Judgement:
    return judge(result.stories, truth(PLAN), PLAN.begins_at, PLAN.ends_at)


def test_each_rule_is_raised_and_clears(result: Result) -> None:
    raised: Counter[str] = Counter()
    cleared: Counter[str] = Counter()
    for story in result.stories.values():
        for one in story:
            if not isinstance(one, StageChanged):
                raised.update(reason.rule for reason in one.raised)
                cleared.update(reason.rule for reason in one.cleared)
            elif one.to_stage == "at_risk":
                raised.update(reason.rule for reason in one.reasons)
            elif one.kind in ("recovered", "activated_late"):
                cleared.update(reason.rule for reason in one.reasons)
    assert raised.keys() == cleared.keys() == KINDS.keys()
    assert min(raised.values()) >= 20
    assert min(cleared.values()) >= 3


def test_every_row_of_the_move_table_is_taken(result: Result) -> None:
    rare = {(row.source, row.trigger) for row, count in result.fired().items() if count < 2}
    assert rare == NEVER_HERE


def test_the_judgement_is_of_every_rule_and_none_is_worthless(judgement: Judgement) -> None:
    assert {rule for rule in judgement if rule is not None} == set(KINDS)
    for rule, one in judgement.items():
        assert one.right > 0, rule
        assert one.departures == judgement[None].departures > 300
    assert max(one.caught for one in judgement.values()) == judgement[None].caught


def test_no_call_is_lost_on_the_way_to_the_table(result: Result, judgement: Judgement) -> None:
    entered: defaultdict[str, int] = defaultdict(int)
    for story in result.stories.values():
        for one in story:
            if isinstance(one, StageChanged) and one.to_stage == "at_risk":
                entered[one.customer_id] += 1
    whole = judgement[None]
    assert sum(entered.values()) == whole.calls + whole.gone
