"""Customers and records for the tests of the store."""

from typing import get_args

import hypothesis.strategies as st

from schemas.outputs import Kind, LostBy, Stage
from statemachine.assets import Assets, Holding, pack_assets
from statemachine.customer import (
    Activity,
    Attribute,
    Consent,
    Customer,
    Feedback,
    Former,
    Objection,
    Payroll,
    Reason,
    Relationship,
    Score,
)
from statemachine.transfers import add_transfer
from store.features import FLAGS
from store.port import PartitionRecord, Position
from store.rare import RULES, WORDS

DAY = 86_400_000
NOON = 1_760_000_400_000
"""A time in 2025, in milliseconds; whole seconds."""

TYPICAL = Customer(
    stage="active",
    kind="activated",
    since=NOON - 500 * DAY,
    effective_at=NOON - 500 * DAY,
    changes=2,
    first_seen=NOON - 700 * DAY,
    newcomer_since=NOON - 700 * DAY,
    activation_days=3,
    activated=True,
    been_active=True,
    activity=Activity(
        days=310,
        first_day=19_700,
        last_day=20_370,
        bits=bytes(range(100, 132)),
        last_at=20_370 * DAY + 34_567_000,
        sign_at=NOON - 3 * DAY,
        ring=bytes(range(32)),
    ),
    relationships=(
        Relationship(4_011_111_111, 0, NOON - 700 * DAY, None, NOON - 700 * DAY),
        Relationship(3_011_111_111, 6, NOON - 300 * DAY, NOON + 60 * DAY, NOON - 300 * DAY),
    ),
    timer=NOON + 90 * DAY,
    seen=bytes(range(64)),
)
"""An active customer at two years: two relationships, eight remembered events, four postings."""

FULL = Customer(
    stage="at_risk",
    lost_by="silence",
    kind="won_back",
    since=NOON,
    effective_at=NOON + 1,
    changes=7,
    reason_changes=8,
    first_seen=NOON - 2,
    newcomer_since=NOON - 1000,
    activation_days=4,
    activated=True,
    been_active=True,
    activity=Activity(9, 19_000, 20_000, b"\x05", 20_000 * DAY + 5, NOON + 5, b"12345678"),
    relationships=(
        Relationship(1, 5, -5 * DAY, NOON + 7, NOON + 8, flag="dormant", flagged_at=NOON + 3),
        Relationship(2, 0, NOON, NOON + 9, NOON + 9, begun_at=NOON + 1, undone_at=NOON + 7),
    ),
    reasons={
        "silence": Reason(NOON, {"days": 90, "last": "2025-01-01"}),
        "a_rule_to_come": Reason(NOON + 1, {}),
    },
    cleared={"complaint": NOON + 3, "another_one": NOON},
    feedback=Feedback(((77, NOON), (78, NOON + 1)), (5, 6), 2, NOON + 9),
    score=Score(812_000, NOON + 11),
    interest_at=NOON + 13,
    unanswered="0123456789abcdef0123456789abcdef",
    timer=NOON + 17,
    seen=b"12345678",
    sequences={"core": 12, "cards": 13},
    deceased=True,
    hold=True,
    minor_until=21_000,
    objections={"marketing": Objection(True, NOON), "profiling": Objection(False, NOON + 1)},
    attributes={"risk_appetite": Attribute("C3", NOON, 20_900), "other": Attribute("x", NOON + 1)},
    consents={
        "marketing": Consent(True, NOON, "consent"),
        "marketing/sms": Consent(False, NOON + 1),
        "profiling/a/b": Consent(True, NOON, "treaty"),
    },
    hold_told_at=NOON + 19,
    minor_told_at=NOON + 20,
    joint_day=20_000,
    assets=pack_assets(Assets((Holding(7, (20_000, 5), cut=True),), 3, (20_000, 5), ("EUR",))),
    owed=pack_assets(Assets((Holding(8, (20_001, 6)),), 0, (20_001, 6))),
    payroll=Payroll(7, 20_000, 19_000),
    transfers=add_transfer(b"", 20_000, 5_000, keep_days=30),
    paused_at=NOON + 21,
    pauses=((NOON + 22, NOON + 23),),
    former=Former(9, "silence", {"silence": NOON, "a_rule_to_come": NOON + 1}),
)
"""No field at its default."""

times = st.one_of(
    st.just(0),
    st.integers(0, 2**32).map(lambda seconds: seconds * 1000),
    st.integers(-(2**52), 2**52),
)
_days = st.integers(-200_000, 200_000)
_small = st.integers(0, 2**40)
_names = st.one_of(st.sampled_from(RULES), st.text(max_size=12))
_values = st.dictionaries(st.text(max_size=5), st.integers(-9, 2**40) | st.text(max_size=5))
_refs = st.integers(0, 2**32 - 1)
_words = st.one_of(st.sampled_from(WORDS), st.text(max_size=5))
_purposes = st.sampled_from(("marketing", "profiling", "another"))

customers = st.builds(
    Customer,
    stage=st.sampled_from((None, *get_args(Stage))),
    lost_by=st.sampled_from((None, *get_args(LostBy))),
    kind=st.sampled_from((None, *get_args(Kind))),
    since=times,
    effective_at=times,
    changes=_small,
    reason_changes=_small,
    first_seen=times,
    newcomer_since=times,
    activation_days=_small,
    activated=st.booleans(),
    been_active=st.booleans(),
    activity=st.builds(
        Activity,
        days=_small,
        first_day=_days,
        last_day=_days,
        bits=st.binary(max_size=32),
        last_at=st.none() | times,
        sign_at=st.none() | times,
        ring=st.binary(max_size=32),
    ),
    relationships=st.lists(
        st.builds(
            Relationship,
            ref=_refs,
            product=st.none() | st.integers(0, 8),
            starts_at=times,
            ends_at=st.none() | times,
            as_of=times,
            begun_at=st.none() | times,
            undone_at=st.none() | times,
            flag=st.sampled_from(FLAGS),
            flagged_at=times,
        ),
        max_size=3,
    ).map(tuple),
    reasons=st.dictionaries(_names, st.builds(Reason, since=times, values=_values), max_size=3),
    cleared=st.dictionaries(_names, times, max_size=3),
    feedback=st.none()
    | st.builds(
        Feedback,
        open=st.lists(st.tuples(_refs, times), max_size=2).map(tuple),
        resolved=st.lists(_refs, max_size=2).map(tuple),
        score=st.none() | st.integers(0, 10),
        score_at=times,
    ),
    score=st.none() | st.builds(Score, millionths=_small, at=times),
    interest_at=st.none() | times,
    unanswered=st.sampled_from(("", "0" * 32, "A" * 32, "x" * 32, "short", "é" * 32)),
    timer=st.none() | times,
    seen=st.binary(max_size=64),
    sequences=st.dictionaries(st.text(max_size=8), _small, max_size=2),
    deceased=st.booleans(),
    hold=st.booleans(),
    minor_until=st.none() | _days,
    objections=st.dictionaries(_words, st.builds(Objection, st.booleans(), times), max_size=2),
    attributes=st.dictionaries(
        _words, st.builds(Attribute, st.text(max_size=5), times, st.none() | _days), max_size=2
    ),
    consents=st.dictionaries(
        st.builds("{}{}".format, _purposes, st.just("") | st.text(max_size=5).map("/{}".format)),
        st.builds(Consent, st.booleans(), times, st.none() | _words),
        max_size=3,
    ),
    hold_told_at=st.none() | times,
    minor_told_at=st.none() | times,
    joint_day=st.none() | _days,
    assets=st.binary(max_size=40),
    owed=st.binary(max_size=40),
    payroll=st.none() | st.builds(Payroll, _small, _days, _days),
    transfers=st.binary(max_size=40),
    paused_at=st.none() | times,
    pauses=st.lists(st.tuples(times, times), max_size=2).map(tuple),
    former=st.none()
    | st.builds(
        Former,
        ref=_refs,
        lost_by=st.sampled_from((None, *get_args(LostBy))),
        reasons=st.dictionaries(_names, times, max_size=2),
    ),
)
"""Any customer that the fold could make, and many that it could not."""


def record(batch: int, nonce: str = "n") -> PartitionRecord:
    """The record of a batch, otherwise plain."""
    return PartitionRecord(
        position=Position(batch, f"{nonce}{batch}", {"tenure.accounts": 10 * batch}),
        clock=NOON + batch,
        journal_offset=batch - 1,
        policy_digest="d" * 32,
        fold_version=1,
        partition_count=4,
        partitioner="murmur2",
        stages={"active": batch},
    )
