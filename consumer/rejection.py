"""Bad records: why each was refused, in words that a feed team can act on.

Every refusal has a stable code; the codes are part of the contract (docs/contracts/events.md
holds them as a table, which a test compares with this one). A refused record goes to the dead
letters with its own bytes; it never changes a customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from consumer.records import InputRecord

ReasonCode = Literal[
    "tombstone",
    "too_large",
    "not_utf8",
    "not_json",
    "not_object",
    "cloudevent_invalid",
    "cloudevent_conflict",
    "missing_type",
    "unknown_type",
    "unknown_version",
    "missing_field",
    "missing_zone",
    "amount_not_text",
    "unknown_currency",
    "invalid_field",
    "missing_key",
    "key_not_utf8",
    "key_mismatch",
    "control_with_key",
    "wrong_partition",
    "invalid_timestamp",
    "future_date",
    "merge_unsupported",
    "policy_not_in_force",
    "wrong_topic",
]


class Meaning(NamedTuple):
    """What a reason code means, and what the feed's team does about it."""

    meaning: str
    remedy: str


REASONS: Final[dict[ReasonCode, Meaning]] = {
    "tombstone": Meaning(
        "The record has a key but no value.",
        "Send facts, not deletions: input topics have cleanup.policy=delete. To forget a "
        "customer, send customer.erased.",
    ),
    "too_large": Meaning(
        "The value is longer than the limit.",
        "Send the fields of the contract only; documents and images do not belong in events.",
    ),
    "not_utf8": Meaning(
        "The value is not UTF-8 text.",
        "Encode JSON as UTF-8; GB18030, GBK, Latin-1 and UTF-16 are not accepted.",
    ),
    "not_json": Meaning(
        "The value is not one JSON document.",
        "Send one JSON object per record; Avro, Protobuf and schema registry framing are not "
        "accepted.",
    ),
    "not_object": Meaning(
        "The value is JSON, but not an object.",
        "Send one event per record as a JSON object, encoded once.",
    ),
    "cloudevent_invalid": Meaning(
        "The record calls itself a CloudEvent and breaks the CloudEvents specification.",
        "Send specversion 1.0 with id, source and type; JSON data; structured mode with "
        "content-type application/cloudevents+json.",
    ),
    "cloudevent_conflict": Meaning(
        "An attribute of the CloudEvent and a field of its data contradict each other.",
        "Say it once: leave the field out of the data, or make both equal.",
    ),
    "missing_type": Meaning(
        "The event has no type.",
        "Add `type` with one of the names in the contract, such as 'transaction.posted'.",
    ),
    "unknown_type": Meaning(
        "No event of this type is known.",
        "Use a type of the contract; route other events to another topic.",
    ),
    "unknown_version": Meaning(
        "The type is known, this version of its contract is not.",
        "Send schema_version 1, or upgrade Tenure before the feed.",
    ),
    "missing_field": Meaning(
        "A required field is missing.",
        "Fill the field; `tenure example TYPE` prints a valid event.",
    ),
    "missing_zone": Meaning(
        "A time has no offset from UTC.",
        "Add the offset of the source's own zone, such as +08:00 or Z; it is never guessed.",
    ),
    "amount_not_text": Meaning(
        "An amount is a JSON number.",
        'Write amounts as decimal strings, such as "12.50": a binary float loses cents.',
    ),
    "unknown_currency": Meaning(
        "The currency is no ISO 4217 code.",
        "Use the three capital letters of ISO 4217, such as 'CNY'.",
    ),
    "invalid_field": Meaning(
        "A field's value is not of the form that the contract asks for.",
        "Correct the field; `tenure example TYPE` prints a valid event.",
    ),
    "missing_key": Meaning(
        "An event about a customer has a null or empty record key.",
        "Set the record's key to the customer id, as UTF-8 text.",
    ),
    "key_not_utf8": Meaning(
        "The record's key is not UTF-8 text.",
        "Set the record's key to the customer id, as UTF-8 text: no Avro, no binary number.",
    ),
    "key_mismatch": Meaning(
        "The record's key is not the event's customer_id.",
        "Key by the customer, not by the account: re-key the feed before Tenure.",
    ),
    "control_with_key": Meaning(
        "A control event has a record key.",
        "Send control events with a null key, to each partition by its number.",
    ),
    "wrong_partition": Meaning(
        "The record's key does not belong on the partition that it came on.",
        "Use one partitioner in all feeds, and set Tenure's `partitioner` to it: murmur2 for Java "
        "clients, crc32 for librdkafka's default.",
    ),
    "invalid_timestamp": Meaning(
        "The record's timestamp is absent, before 1970 or after 2199.",
        "Stamp records in milliseconds since 1970; producers of history set the time of the "
        "event, never microseconds.",
    ),
    "future_date": Meaning(
        "The event is dated after its own record.",
        "Correct the source's clock or zone; a record's timestamp is never earlier than the "
        "facts that it tells.",
    ),
    "merge_unsupported": Meaning(
        "Two customers were merged, which Tenure cannot do yet.",
        "Keep both customer numbers in use, or erase the one that ends.",
    ),
    "wrong_topic": Meaning(
        "A watermark came on another topic than the one it names.",
        "Send each topic's watermark to every partition of that topic.",
    ),
    "policy_not_in_force": Meaning(
        "A policy was activated that this worker does not run.",
        "Start the workers with the new policy file and --accept-policy.",
    ),
}
"""Every reason for which a record may be refused."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record refused, and why. Nothing of it was applied."""

    record: InputRecord
    reason: ReasonCode
    detail: str
    """What is wrong and where: names fields and ids, never other personal data."""
    remedy: str
    """What the team that sent the record does about it."""


def reject(
    record: InputRecord, reason: ReasonCode, detail: str, remedy: str | None = None
) -> Rejected:
    """Refuse `record`; without a remedy of its own, with the reason's.

    Ids may have characters that no terminal shows, or that turn its text around: they are spelt.
    """
    if not detail.isprintable():
        detail = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in detail)
    return Rejected(record, reason, detail, remedy or REASONS[reason].remedy)


def reasons_table() -> str:
    """Return the reason codes as a Markdown table, in the order in which they are checked."""
    rows = [f"| `{code}` | {about.meaning} | {about.remedy} |" for code, about in REASONS.items()]
    return "\n".join(["| code | what it means | what to do |", "|---|---|---|", *rows]) + "\n"
