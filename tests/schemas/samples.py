"""Outputs to write and read in tests."""

from typing import Final

from schemas.outputs import (
    Cause,
    CurrentStage,
    Evidence,
    JournalRecord,
    Next,
    Reason,
    RiskReasonsChanged,
    StageChanged,
)

SILENCE: Final = Reason(
    rule="silence",
    group="inactivity",
    since="2025-06-30T16:00:00.000Z",
    thresholds={"days": 90},
    values={"last_day": "2025-04-01", "activity_days": 17},
)
DUE: Final = Cause(type="due", occurred_at="2025-06-30T16:00:00.000Z", due="silence")
EVIDENCE: Final = Evidence(rule="silence", thresholds={"days": 90}, values={"a": 1, "b": "二"})
STAGE_CHANGED: Final = StageChanged(
    id="4be1c0ffee",
    customer_id="cust-7781",
    sequence=3,
    effective_at="2025-06-30T16:00:00.000Z",
    mode="live",
    caused_by=DUE,
    evidence=EVIDENCE,
    policy_digest="9f86d081884c7d659a2feaa0c55ad015",
    next=[Next(what="lost", at="2025-09-28T16:00:00.000Z", unless="activity on two days")],
    from_stage="active",
    to_stage="at_risk",
    kind="warned",
    reasons=[SILENCE],
    why="Silent for 90 days.",
)
RISK_REASONS_CHANGED: Final = RiskReasonsChanged(
    id="4be1c0ffef",
    customer_id="客户-7781",
    sequence=1,
    effective_at="2025-07-02T16:00:00.000Z",
    mode="backfill",
    caused_by=DUE,
    evidence=EVIDENCE,
    policy_digest="9f86d081884c7d659a2feaa0c55ad015",
    stage="at_risk",
    raised=[SILENCE],
    cleared=[],
    open=["silence"],
    why="Silent, too.",
)
CURRENT_STAGE: Final = CurrentStage(
    customer_id="cust-7781",
    stage="at_risk",
    since="2025-06-30T16:00:00.000Z",
    kind="warned",
    reasons=["silence"],
    sequence=3,
    policy_digest="9f86d081884c7d659a2feaa0c55ad015",
)
JOURNAL_RECORD: Final = JournalRecord.model_validate_json(
    """{"deployment": "live", "partition": 2, "batch": 7, "nonce": "n0nce", "from_offsets":
    {"tenure.accounts": 0}, "to_offsets": {"tenure.accounts": 5}, "clock_before": null,
    "clock_after": 5, "clock_held": false, "swept_through": [5, "cust-7781"], "sweep_complete":
    true, "accepted_bad": false, "mode": "live", "pages": 8, "policy_digest": "d", "fold_version":
    1, "partition_count": 12, "partitioner": "murmur2", "max_value_bytes": 1000000, "inputs": 5,
    "outputs": 1, "outputs_digest": "d", "worker_id": "w1", "store": "5f0a9c"}"""
)
