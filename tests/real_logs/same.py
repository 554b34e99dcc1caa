"""A worker's run and a replay of the same log must be the same, customer by customer."""

from __future__ import annotations

import json

from msgspec.structs import replace

from statemachine.customer import Customer
from statemachine.due import dues
from statemachine.policy import Policy
from tests.real_logs.live import Lived
from tests.real_logs.reference import Told


def assert_the_same_was_said(lived: Lived, told: Told) -> None:
    """The same bodies in the same order, byte for byte: nothing is lost, doubled or changed."""
    expected = told.bodies()
    assert lived.bodies.keys() == expected.keys()
    different = [name for name in expected if lived.bodies[name] != expected[name]]
    for name in different[:1]:
        assert lived.bodies[name] == expected[name], f"customer {name}, of {len(different)}"


def assert_the_same_is_remembered(lived: Lived, told: Told, policy: Policy) -> None:
    """The same states, but for the entry in the timer index.

    The entry is moved lazily (design: it may be earlier than what is due, never later), so it
    tells when somebody last looked: a worker sweeps at the end of a batch, a replay after every
    event. What is due is no part of the state; it follows from the rest.
    """
    assert lived.states.keys() == told.states.keys()
    for name, expected in told.states.items():
        found = lived.states[name]
        assert replace(found, timer=None) == replace(expected, timer=None), f"customer {name}"
        for customer in (found, expected):
            assert _is_never_late(policy, customer), f"customer {name}: the timer is too late"


def assert_the_last_word_is_the_last_change(lived: Lived) -> None:
    """The compacted topic says of everybody what the last stage change said."""
    for name, bodies in lived.bodies.items():
        changes = [body for body in map(json.loads, bodies) if "stage-changed" in body["type"]]
        current = json.loads(lived.stages[name])
        assert (current["stage"], current["sequence"], current["since"]) == (
            changes[-1]["to"],
            changes[-1]["sequence"],
            changes[-1]["effective_at"],
        ), f"customer {name}"
    assert lived.stages.keys() == lived.bodies.keys()


def _is_never_late(policy: Policy, customer: Customer) -> bool:
    coming = dues(policy, customer)
    return not coming or (customer.timer is not None and customer.timer <= coming[0].at)
