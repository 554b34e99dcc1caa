"""Putting a decision into words: outputs with their evidence, built the same way every time.

An output's id is a hash of its content, so the same decision made twice has the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from schemas.base import rfc3339
from schemas.events import CustomerEvent
from schemas.outputs import (
    Cause,
    CurrentStage,
    Evidence,
    Mode,
    Next,
    Output,
    Reason,
    RiskReasonsChanged,
    StageChanged,
    Value,
)
from statemachine.assets import assets_of, left_out, mean
from statemachine.calendar import DAY_MILLIS
from statemachine.customer import Customer
from statemachine.due import Due, dues
from statemachine.policy import Policy
from statemachine.relationships import families
from statemachine.rules.base import Rule
from statemachine.rules.silence import silent_since
from statemachine.stages import Move

_NEXT = 3
"""How many of the coming due times a decision tells."""


def cause_of(event: CustomerEvent, occurred_at: int) -> Cause:
    """The event a decision followed from."""
    return Cause(
        type=event.type,  # type: ignore[attr-defined]
        source=event.source,
        event_id=event.event_id,
        occurred_at=rfc3339(occurred_at),
    )


def cause_of_due(due: Due) -> Cause:
    """The due time a decision followed from."""
    what = f"{due.what}:clears" if due.clears else due.what
    return Cause(type="due", due=what, occurred_at=rfc3339(due.at))


def mode_of(policy: Policy, effective_at: int, mode: Mode) -> Mode:
    """Changes effective before the policy's `live_from` are backfill, whoever makes them.

    So are corrections: they cancel actions only where something is live.
    """
    live_from = policy.live_from_millis
    if mode in ("live", "corrected") and live_from is not None and effective_at < live_from:
        return "backfill"
    return mode


def _corrected(mode: Mode, move: Move) -> Mode:
    return "corrected" if mode == "live" and move.kind == "corrected" else mode


def reason_text(customer: Customer, rule: Rule, since: int, at: int) -> Reason:
    """A reason with its evidence as it stands at `at`."""
    return Reason(
        rule=rule.name,
        group=rule.group,
        since=rfc3339(since),
        thresholds=dict(rule.thresholds()),
        values=rule.values(customer, at),
    )


def open_reasons(policy: Policy, customer: Customer) -> list[Reason]:
    """The open reasons, with the evidence that raised them."""
    found = []
    for rule in policy.active_rules:
        reason = customer.reasons.get(rule.name)
        if reason is not None:
            found.append(
                Reason(
                    rule=rule.name,
                    group=rule.group,
                    since=rfc3339(reason.since),
                    thresholds=dict(rule.thresholds()),
                    values=reason.values,
                )
            )
    return found


def whats_next(policy: Policy, customer: Customer) -> list[Next]:
    """The next due times: what happens if nothing else does."""
    return [
        Next(
            what=f"{due.what}:clears" if due.clears else due.what,
            at=rfc3339(max(due.at, customer.effective_at)),
            unless=due.unless,
        )
        for due in dues(policy, customer)[:_NEXT]
    ]


def activation_by(policy: Policy, customer: Customer, at: int) -> tuple[str, int]:
    """Which setting of the activation rule was met at `at`, and the customer's number."""
    rule, days = policy.activation, customer.activation_days
    if days >= rule.own_activity_days or customer.stage == "lost":
        return "own_activity_days", days
    held = len(families(customer.relationships, policy.contractual))
    if rule.product_families is not None and held >= rule.product_families:
        return "product_families", held
    assets = mean(assets_of(customer.assets), policy.calendar.day_of(at))
    if rule.assets_at_least is not None and assets >= rule.assets_at_least:
        return "assets_at_least", assets
    return "own_activity_days", days


def evidence_of(
    policy: Policy, customer: Customer, move: Move, rule: str, effective_at: int
) -> Evidence:
    """The numbers behind a move that are not a reason's."""
    thresholds: dict[str, Value] = {}
    values: dict[str, Value] = {}
    if move.trigger == "activation_met":
        met, value = activation_by(policy, customer, effective_at)
        thresholds[met] = getattr(policy.activation, met)
        values[met] = value
        if met == "assets_at_least":
            values |= left_out(assets_of(customer.assets))
        came_back = customer.stage == "lost"
        since = customer.since if came_back else customer.newcomer_since
        values |= _joint_since(policy, customer, since)
    elif move.trigger == "lost_limit_passed":
        thresholds["after_silence"] = str(policy.lost.after_silence)
        thresholds["at_least_at_risk"] = str(policy.lost.at_least_at_risk)
        values["at_risk_since"] = rfc3339(customer.since)
        values["silent_for_days"] = (effective_at - silent_since(customer)) // DAY_MILLIS
    elif move.trigger == "prospect_limit_passed":
        thresholds["limit"] = str(policy.prospects.limit)
        values["last_interest_at"] = rfc3339(customer.interest_at or 0)
    else:
        values["products_in_force"] = sum(one.ends_at is None for one in customer.relationships)
        if rule == "silence" and move.trigger == "reasons_cleared":
            values |= _joint_since(policy, customer, customer.since)
    return Evidence(rule=rule, thresholds=thresholds, values=values)


def _joint_since(policy: Policy, customer: Customer, since: int) -> dict[str, Value]:
    """Marks activity since then of which nobody knows which owner of the account it was."""
    day = customer.joint_day
    if day is None or day < policy.calendar.day_of(since):
        return {}
    return {"joint_unattributed": True}


def stage_changed(  # noqa: PLR0913  # one argument for each part of the contract
    policy: Policy,
    customer_id: str,
    before: Customer,
    after: Customer,
    move: Move,
    *,
    reasons: Sequence[Reason],
    evidence: Evidence,
    why: str,
    cause: Cause,
    supersedes: str | None,
    mode: Mode,
) -> StageChanged:
    """The change that led from `before` to `after` by `move`."""
    change = StageChanged.model_construct(
        id="",
        customer_id=customer_id,
        sequence=after.changes,
        effective_at=rfc3339(after.effective_at),
        mode=mode_of(policy, after.effective_at, _corrected(mode, move)),
        caused_by=cause,
        evidence=evidence,
        policy_digest=policy.digest,
        next=whats_next(policy, after),
        from_stage=before.stage,
        to_stage=move.target,
        kind=move.kind,
        lost_by=after.lost_by,
        reasons=list(reasons),
        why=why,
        supersedes=supersedes,
    )
    return change.model_copy(update={"id": _id_of(change)})


def reasons_changed(  # noqa: PLR0913  # likewise
    policy: Policy,
    customer_id: str,
    after: Customer,
    *,
    raised: Sequence[Reason],
    cleared: Sequence[Reason],
    evidence: Evidence,
    why: str,
    cause: Cause,
    mode: Mode,
) -> RiskReasonsChanged:
    """Reasons (or the way of being lost) changed, the stage did not."""
    if after.stage is None:
        raise AssertionError("a customer without a stage has no reasons")
    change = RiskReasonsChanged.model_construct(
        id="",
        customer_id=customer_id,
        sequence=after.reason_changes,
        effective_at=rfc3339(after.effective_at),
        mode=mode_of(policy, after.effective_at, mode),
        caused_by=cause,
        evidence=evidence,
        policy_digest=policy.digest,
        next=whats_next(policy, after),
        stage=after.stage,
        lost_by=after.lost_by,
        raised=list(raised),
        cleared=list(cleared),
        open=list(after.reasons),
        why=why,
    )
    return change.model_copy(update={"id": _id_of(change)})


def current_stage(policy: Policy, customer_id: str, customer: Customer) -> CurrentStage | None:
    """What the compacted topic says of the customer; None before the first stage."""
    if customer.stage is None or customer.kind is None:
        return None
    return CurrentStage.model_construct(
        customer_id=customer_id,
        stage=customer.stage,
        since=rfc3339(customer.since),
        kind=customer.kind,
        lost_by=customer.lost_by,
        reasons=list(customer.reasons),
        sequence=customer.changes,
        policy_digest=policy.digest,
    )


def _id_of(output: Output) -> str:
    content = output.model_dump_json(by_alias=True, exclude={"id"})
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
