"""What may come after a case's records: another policy, and the loss of the store."""

from __future__ import annotations

import json
from collections import Counter

from statemachine.customer import Customer
from statemachine.policy import Policy
from tests.fuzz.deployment import CheckedKeeper, Deployment, Wrong
from tests.fuzz.setups import policy_named


def afterwards(deployment: Deployment) -> Counter[str]:
    """Do what the case says, and count what it took. Raises Wrong, or what the product raises."""
    counts: Counter[str] = Counter()
    setup = deployment.case.setup
    if setup.then_policy:
        counts["recomputed"] = _recomputed(deployment, policy_named(setup.then_policy, version=2))
    if setup.loses_store:
        counts["recovered"] = _recovered(deployment)
    return counts


def same_timers(deployment: Deployment, number: int, customers: dict[str, Customer]) -> None:
    """Raise Wrong unless the index of due times is what the customers remember."""
    timers = {name: due for due, name in deployment.keeper.timers(number)}
    if timers != {name: c.timer for name, c in customers.items() if c.timer is not None}:
        raise Wrong(f"other timers: {timers}")


def _recomputed(deployment: Deployment, policy: Policy) -> int:
    """How many customers another policy decides anew; their timers are what they remember."""
    deployment.start(policy)
    deployment.run()
    states = deployment.states()
    for number, customers in enumerate(states):
        same_timers(deployment, number, customers)
    for record in deployment.published(deployment.settings.stage_changes_topic):
        json.loads(record.value or b"")
    return sum(map(len, states))


def _recovered(deployment: Deployment) -> int:
    """How many batches a worker with an empty store executes again: the same comes of them."""
    before, published = deployment.states(), len(deployment.log.published)
    batches = _batches(deployment)
    deployment.keeper = CheckedKeeper()
    deployment.start(deployment.rules.policy)
    deployment.run()
    if deployment.states() != before:
        raise Wrong(f"executed again, other states:\n  {deployment.states()}\n  {before}")
    if len(deployment.log.published) != published or _batches(deployment) != batches:
        raise Wrong("executed again, something was published")
    return batches


def _batches(deployment: Deployment) -> int:
    return sum(map(len, deployment.log.journals.values()))
