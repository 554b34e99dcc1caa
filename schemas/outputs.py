"""What Tenure says: stage changes, reason changes, the current stage, the journal.

A decision's body depends on the policy and the customer's own events only; where and when it was
decided (topic, partition, offset, clock, lateness) travels in the record's headers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from schemas.base import Identifier, Message

Stage = Literal["potential", "new", "active", "at_risk", "lost"]
Kind = Literal[
    "entered",
    "adopted",
    "progressed",
    "expired",
    "activated",
    "warned",
    "recovered",
    "activated_late",
    "left",
    "won_back",
    "corrected",
]
Mode = Literal["live", "backfill", "policy", "corrected"]
LostBy = Literal["closure", "silence", "expired", "deceased"]
ReasonGroup = Literal["inactivity", "competitor", "dissatisfaction", "product_end", "life_event"]
Value = str | int | bool
"""A threshold or a feature value: text (times, decimals, spans), a whole number, or true."""


def _in_order(numbers: dict[str, Value]) -> dict[str, Value]:
    return dict(sorted(numbers.items()))


Numbers = Annotated[dict[str, Value], PlainSerializer(_in_order)]
"""Values by name; always written in the order of their names, so that equal means equal bytes."""


class Reason(Message):
    """One open at-risk reason, or one that was just cleared, with its evidence."""

    rule: str
    group: ReasonGroup
    since: str = Field(description="When it was raised, RFC 3339 UTC.")
    thresholds: Numbers = Field(description="The policy's numbers that were compared.")
    values: Numbers = Field(description="The customer's numbers that met them.")


class Evidence(Message):
    """What the move itself rests on, beside the open reasons: the rule that was met."""

    rule: str = Field(description="Such as 'activation', 'relationship', 'lost_limit', 'silence'.")
    thresholds: Numbers = Field(default_factory=dict)
    values: Numbers = Field(default_factory=dict)


class Cause(Message):
    """What the decision followed from: one event, or one due time that came."""

    type: str = Field(description="The event's type, or 'due' for a due time.")
    source: str | None = None
    event_id: str | None = None
    occurred_at: str = Field(description="The event's time, or the due time, RFC 3339 UTC.")
    due: str | None = Field(default=None, description="Which due time came, such as 'silence'.")


class Next(Message):
    """What would happen next if nothing else did: 'lost on 2026-03-03 unless ...'."""

    what: str = Field(description="The due item: a rule's name, 'lost', 'expired', ...")
    at: str = Field(description="When it is due, RFC 3339 UTC.")
    unless: str = Field(description="What would prevent it, in one sentence.")


class Decision(Message):
    """What every output says of itself."""

    schema_version: Literal[1] = 1
    id: str = Field(description="Derived from the content: the same decision has the same id.")
    customer_id: Identifier
    sequence: int = Field(ge=1, description="1, 2, 3, ... per customer and output type.")
    effective_at: str = Field(description="When it took effect for the customer, RFC 3339 UTC.")
    mode: Mode
    caused_by: Cause
    evidence: Evidence
    policy_digest: str
    next: list[Next] = Field(default_factory=list)


class StageChanged(Decision):
    """`customer.stage-changed`: the customer moved, by exactly one row of the move table."""

    type: Literal["customer.stage-changed"] = "customer.stage-changed"
    from_stage: Stage | None = Field(alias="from", description="null: not known before.")
    to_stage: Stage = Field(alias="to")
    kind: Kind
    lost_by: LostBy | None = Field(default=None, description="Set when `to` is lost.")
    reasons: list[Reason] = Field(description="The open reasons, or those that just cleared.")
    why: str = Field(description="One sentence a branch adviser understands.")
    supersedes: str | None = Field(
        default=None, description="The id of a change of the same input that this one overtakes."
    )


class RiskReasonsChanged(Decision):
    """`customer.risk-reasons-changed`: reasons changed while the stage stayed."""

    type: Literal["customer.risk-reasons-changed"] = "customer.risk-reasons-changed"
    stage: Stage
    lost_by: LostBy | None = None
    raised: list[Reason]
    cleared: list[Reason]
    open: list[str] = Field(description="The rules that stand open after this change.")
    why: str


Output = StageChanged | RiskReasonsChanged


class CurrentStage(Message):
    """`tenure.stages`, compacted by customer: where the customer is now."""

    schema_version: Literal[1] = 1
    customer_id: Identifier
    stage: Stage
    since: str
    kind: Kind
    lost_by: LostBy | None = None
    reasons: list[str]
    sequence: int = Field(ge=1, description="The sequence of the stage change it reflects.")
    policy_digest: str


class DeadLetter(Message):
    """The headers of a dead letter; its key, value and other headers are the record's own."""

    reason: str = Field(description="A stable code, such as 'unknown_type'.")
    detail: str = Field(description="What is wrong and where, for the team that sent it.")
    remedy: str = Field(description="What to do about it.")
    topic: str
    partition: int
    offset: int
    timestamp: int = Field(description="The record's timestamp, milliseconds since 1970.")
    cut: str | None = Field(
        default=None,
        description="What of a very large record is not here; the whole is at its coordinates.",
    )


class JournalRecord(Message):
    """`tenure.journal`: one committed batch of one partition, enough to execute it again."""

    schema_version: Literal[1] = 1
    deployment: str = Field(description="Whose batch it is: a journal belongs to one deployment.")
    partition: int
    batch: int = Field(ge=1)
    nonce: str
    from_offsets: dict[str, int]
    to_offsets: dict[str, int]
    clock_before: int | None = Field(description="Milliseconds since 1970; null: not started.")
    clock_after: int | None
    clock_held: bool = Field(description="A feed was in doubt: events did not move the clock.")
    swept_through: tuple[int, str] | None = Field(
        description="The last due item fired by the sweep (due, customer); null: none."
    )
    sweep_complete: bool
    accepted_bad: bool = Field(description="An operator let a held partition go on.")
    mode: Mode
    recomputed_page: int | None = Field(
        default=None, description="Mode policy: which page of customers was recomputed."
    )
    pages: int = Field(description="On how many pages the store keeps the partition's customers.")
    policy_digest: str
    fold_version: int
    partition_count: int = Field(description="Of the input topics.")
    partitioner: str = Field(description="How the feeds' producers place a key.")
    max_value_bytes: int = Field(description="A longer value of an input record was refused.")
    inputs: int
    outputs: int
    outputs_digest: str
    worker_id: str
    store: str | None = Field(
        default=None,
        description="The name that the store had drawn for the partition's state: a batch under"
        " another name was remembered elsewhere. null: written before this was told.",
    )
