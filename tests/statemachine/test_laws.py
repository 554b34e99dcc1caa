"""Laws of the fold, for any life: design section 3 at the level of one customer."""

import random
from collections import Counter
from typing import get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.events import CustomerEvent
from schemas.outputs import Output, RiskReasonsChanged, StageChanged
from statemachine.customer import Customer, Feedback
from statemachine.facts import learn
from statemachine.fold import decide
from statemachine.policy import Policy
from store.codec import Codec
from tests.statemachine.builders import DEFAULT
from tests.statemachine.folded import LATER, Folded, told
from tests.statemachine.lives import Told, at, facts, lives, policies, stories, timed


@given(policies, lives, st.data())
@settings(max_examples=120, deadline=None)
def test_a_sweep_decides_when_a_change_is_published_and_never_what_it_is(
    policy: Policy, life: list[CustomerEvent], data: st.DataObject
) -> None:
    swept = Folded(policy)
    for event, following in zip(life, [*life[1:], None], strict=True):
        swept.tell(event, clock=None)
        ends = at(event) + LATER if following is None else at(following)
        for clock in sorted(data.draw(st.lists(st.integers(at(event), ends), max_size=3))):
            swept.sweep(clock)
    swept.sweep(at(life[-1]) + LATER)
    unswept = told(policy, life, at(life[-1]) + LATER)
    assert swept.outputs == unswept.outputs
    assert swept.facts == unswept.facts


@given(policies, lives, st.integers(0, 48 * 3_600_000))
@settings(max_examples=60, deadline=None)
def test_a_clock_behind_the_events_decides_nothing(
    policy: Policy, life: list[CustomerEvent], lateness: int
) -> None:
    clocked = Folded(policy)
    for event in life:
        clocked.tell(event, clock=at(event) - lateness)
    clocked.sweep(at(life[-1]) + LATER)
    assert clocked.outputs == told(policy, life, at(life[-1]) + LATER).outputs


@given(policies, lives, st.data())
@settings(max_examples=60, deadline=None)
def test_duplicates_within_the_remembered_window_are_harmless(
    policy: Policy, life: list[CustomerEvent], data: st.DataObject
) -> None:
    folded = Folded(policy)
    window = policy.memory.event_ids
    for number, event in enumerate(life):
        folded.tell(event)
        recent = life[max(0, number - window + 1) : number + 1]
        for again in data.draw(st.lists(st.sampled_from(recent), max_size=3)):
            before = folded.customer
            assert before is not None
            if before.lost_by != "deceased":
                assert folded.tell(again).note == "duplicate"
            assert folded.customer is before
    folded.sweep(at(life[-1]) + LATER)
    assert folded.outputs == told(policy, life, at(life[-1]) + LATER).outputs


@given(policies, lives)
@settings(max_examples=60, deadline=None)
def test_the_same_life_has_the_same_outputs_and_every_id_is_its_own(
    policy: Policy, life: list[CustomerEvent]
) -> None:
    until = at(life[-1]) + LATER
    one, two = told(policy, life, until), told(policy, life, until)
    assert one.outputs == two.outputs
    assert [output.model_dump_json() for output in one.outputs] == [
        output.model_dump_json() for output in two.outputs
    ]
    ids = Counter(output.id for output in one.outputs)
    assert all(times == 1 for times in ids.values())
    known = {output.id for output in one.outputs}
    for output in one.outputs:
        if isinstance(output, StageChanged) and output.supersedes is not None:
            assert output.supersedes in known - {output.id}


@given(policies, lives)
@settings(max_examples=40, deadline=None)
def test_another_customer_s_same_life_has_other_ids(
    policy: Policy, life: list[CustomerEvent]
) -> None:
    one, other = None, None
    ids: list[set[str]] = [set(), set()]
    for event in life:
        first = decide(policy, "cust-1", one, event, clock=None, record_at=at(event))
        second = decide(policy, "cust-2", other, event, clock=None, record_at=at(event))
        one, other = first.customer, second.customer
        ids[0] |= {output.id for output in first.outputs}
        ids[1] |= {output.id for output in second.outputs}
    assert not ids[0] & ids[1]


@given(policies, stories, st.data())
@settings(max_examples=100, deadline=None)
def test_no_event_raises_whatever_its_time_and_the_clock(
    policy: Policy, story: list[tuple[int, Told]], data: st.DataObject
) -> None:
    life = data.draw(st.permutations(timed(story)))
    clock = None
    folded = Folded(policy)
    for event in life:
        folded.tell(event, clock=clock)
        if data.draw(st.booleans()):
            ahead = data.draw(st.integers(-LATER // 30, LATER // 30))
            clock = max(clock or at(event), at(event) + ahead)
            folded.sweep(clock)


YEARS = (1900, 1969, 1970, 2038, 2106, 2199)


@given(policies, stories, st.data())
@settings(max_examples=60, deadline=None)
def test_no_event_of_any_year_raises(
    policy: Policy, story: list[tuple[int, Told]], data: st.DataObject
) -> None:
    folded = Folded(policy)
    for event in timed(story):
        year = data.draw(st.sampled_from(YEARS))
        when = event.occurred_at.replace(year=year, month=6, day=event.occurred_at.day % 28 + 1)
        folded.tell(event.model_copy(update={"occurred_at": when}))
    folded.sweep(at(event) + LATER)


hours = st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=6, unique=True)


@given(st.data(), hours)
@settings(max_examples=200, deadline=None)
def test_facts_of_one_day_told_in_any_order_leave_the_same_features(
    data: st.DataObject, minutes: list[int]
) -> None:
    told_at = [data.draw(facts) for _ in minutes]
    pauses_of = [b - a for a, b in zip([0, *sorted(minutes)], sorted(minutes), strict=False)]
    day = timed([(60 * pause, fact) for pause, fact in zip(pauses_of, told_at, strict=True)])
    # What kind of product an account is, is not a thing that changes.
    day = [event.model_copy(update=_kind_of(event)) for event in day]
    # Whether a posting is a child's own depends on whether they are known to be one by then.
    assume(all(getattr(event, "status", None) != "minor" for event in day))
    # A posting and its reversal must be told apart from another posting of the same id.
    posted = [event.posting_id for event in day if event.type == "transaction.posted"]  # type: ignore[attr-defined]
    assume(len(posted) == len(set(posted)))
    in_order = features(day)
    assert features(data.draw(st.permutations(day))) == in_order


def _kind_of(event: CustomerEvent) -> dict[str, str]:
    ref = getattr(event, "account_ref", None)
    if ref is None or getattr(event, "product_type", None) is None:
        return {}
    return {"product_type": "loan" if ref == "a3" else "current_account"}


def features(events: list[CustomerEvent]) -> object:
    customer = Customer()
    for event in events:
        customer = learn(DEFAULT, customer, event, at(event)).customer
    done = customer.activity
    said = customer.feedback or Feedback()
    return (
        (done.days, done.first_day, done.last_day, done.bits, done.last_at, done.sign_at),
        sorted(customer.relationships, key=lambda one: one.ref),
        (said.open, set(said.resolved), said.score, said.score_at),
        customer.score,
        customer.interest_at,
        (customer.objections, customer.attributes, customer.consents),
        (customer.hold, customer.hold_told_at, customer.minor_until, customer.minor_told_at),
        customer.joint_day,
    )


def test_a_customer_stays_small_however_long_they_live() -> None:
    chance = random.Random(20240101)
    codec, folded, largest = Codec(), Folded(DEFAULT), 0
    for event in timed([(chance.choice(_PAUSES), _busy(chance)) for _ in range(6_000)]):
        folded.tell(event)
        assert folded.customer is not None
        largest = max(largest, len(codec.encode(folded.customer)))
    print(f"the largest state was {largest} bytes")
    assert largest <= 1_024


_PAUSES = (0, 3_600, 86_400, 86_400, 20 * 86_400)


def _busy(chance: random.Random) -> Told:
    """A fact of somebody with ever new accounts, postings and complaints."""
    owned = {"account_ref": f"a{chance.randrange(10**6)}", "role": "owner"}
    number = f"n{chance.randrange(10**6)}"
    money = {"direction": "debit", "amount": "5.00", "currency": "CNY"}
    kind = chance.choice(("current_account", "loan"))
    return chance.choice(
        (
            ("transaction.posted", owned | money | {"posting_id": number, "initiator": "customer"}),
            ("transaction.reversed", owned | {"posting_id": "r", "original_posting_id": number}),
            ("account.opened", owned | {"product_type": kind}),
            ("account.closed", owned),
            ("feedback.received", {"feedback_id": number, "kind": "complaint", "score": 1}),
            ("feedback.resolved", {"feedback_id": number}),
            ("customer.scored", {"model": "m", "score": f"0.{chance.randrange(10)}"}),
            (
                "consent.changed",
                {
                    "purpose": chance.choice(("marketing", "profiling")),
                    "channel": chance.choice(("sms", "电子邮件和短信", f"channel {number}")),
                    "granted": chance.random() < 0.5,
                    "legal_basis": chance.choice(("consent", "x" * 64)),
                },
            ),
            ("customer.attribute-set", chance.choice(_ATTRIBUTES) | {"expires_on": "2024-12-31"}),
            ("customer.status-changed", {"status": "hold"}),
            ("customer.status-changed", {"status": "minor", "until": "2030-09-01"}),
            ("objection.changed", {"purpose": "profiling", "objected": chance.random() < 0.5}),
            ("objection.changed", {"purpose": "marketing", "objected": chance.random() < 0.5}),
            ("customer.interacted", {"kind": "login"}),
        )
    )


_ATTRIBUTES = (
    {"attribute": "risk_appetite", "value": "C3"},
    {"attribute": "time_zone", "value": "America/Argentina/ComodRivadavia"},
    {"attribute": "demographic_class", "value": "x" * 64},
)


def test_reason_changes_and_stage_changes_are_all_there_is() -> None:
    assert {StageChanged, RiskReasonsChanged} == set(get_args(Output))
