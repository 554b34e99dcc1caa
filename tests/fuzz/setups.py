"""How a deployment may be set up: its policy, its partitions, how large its batches are."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

from statemachine.policy import Policy
from tests.fuzz.choices import Choices
from tests.statemachine.builders import policy

TOPICS: Final = ("tenure.accounts", "tenure.transactions")
_POLICIES: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "restless": {
        "zone": "Africa/Cairo",
        "growing_sequences": ["grows"],
        "activation.own_activity_days": 1,
        "onboarding.window": "1 second",
        "lost.after_silence": "10 days",
        "lost.at_least_at_risk": "0 days",
        "prospects.limit": "1 day",
        "quiet_period": "0 days",
        "maturity_grace": "0 days",
        "memory.event_ids": 1,
        "memory.reversible_postings": 1,
        "rules.silence.after": "5 days",
        "rules.silence.limit": "fixed",
    },
    "patient": {
        "zone": "America/New_York",
        "live_from": "2025-04-01T00:00:00Z",
        "adoption.older_than": "36525 days",
        "lost.after_silence": "36525 days",
        "onboarding.window": "36525 days",
        "maturity_grace": "36525 days",
        "memory.event_ids": 64,
        "memory.reversible_postings": 32,
    },
    "unruly": {"rules.silence": None, "rules.complaint": None, "rules.not_onboarded": None},
}


class Setup(NamedTuple):
    """How a deployment is set up."""

    policy: str = "default"
    partitions: int = 1
    batch_records: int = 40
    sweep_customers: int = 2_000
    cached_customers: int = 100
    max_value_bytes: int = 20_000
    then_policy: str = ""
    """In force at the end: everybody is recomputed under it. Empty: no other."""
    loses_store: bool = False
    """Last of all a worker makes it anew from the journal."""


@cache
def policy_named(name: str, version: int = 1) -> Policy:
    """One of the policies under which cases run."""
    return policy(version=version, **_POLICIES[name])


def setup_of(choices: Choices) -> Setup:
    """Any set-up."""
    return Setup(
        choices.pick(tuple(_POLICIES)),
        choices.pick((1, 2, 3)),
        choices.pick((40, 1, 7, 1_000, 1_000)),
        choices.pick((2_000, 1, 3, 1)),
        choices.pick((100, 0, 2)),
        then_policy=choices.pick(("", "", "", *_POLICIES)),
        loses_store=choices.one_in(4),
    )
