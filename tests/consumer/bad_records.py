"""The table of bad records: what each is, and what must be said of it."""

import gzip
from typing import NamedTuple

from consumer.records import InputRecord
from consumer.rejection import ReasonCode
from tests.consumer.decoding import CUSTOMER, STAMP, record, told, written

POSTED = written("transaction.posted")
TEXT = POSTED.decode()
BATCH = [("content-type", b"application/cloudevents-batch+json")]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
BINARY: list[tuple[str, bytes | None]] = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"e-1"),
    ("ce_source", b"core/retail"),
    ("ce_type", b"transaction.posted"),
]


class Bad(NamedTuple):
    name: str
    record: InputRecord
    reason: ReasonCode
    fragment: str


def posted(name: str, fragment: str, reason: ReasonCode, **changes: object) -> Bad:
    return Bad(name, told("transaction.posted", **changes), reason, fragment)


BAD = [
    # The value
    Bad("a tombstone", record(None), "tombstone", "'cust-7781' has a null value"),
    Bad("2 MB", record(b"x" * 2_000_000), "too_large", "2,000,000 bytes; the limit is 1,048,576"),
    Bad("2 MB of valid JSON", record(POSTED + b" " * 2_000_000), "too_large", "the limit is"),
    Bad("GB18030", record(TEXT.replace("mobile", "手机").encode("gb18030")), "not_utf8", "0xca"),
    Bad("Latin-1", record(TEXT.replace("mobile", "née").encode("latin-1")), "not_utf8", "0xe9"),
    Bad("UTF-16", record(TEXT.encode("utf-16")), "not_utf8", "the mark of UTF-16"),
    Bad("gzip", record(gzip.compress(POSTED, mtime=0)), "not_utf8", "0x8b at position 1"),
    Bad("an empty value", record(b""), "not_json", "line 1 column 0"),
    Bad("text", record(b"withdrawal of 250"), "not_json", "line 1 column 1"),
    Bad("XML", record(b"<Document/>"), "not_json", "line 1 column 1"),
    Bad("Avro framing", record(b"\x00\x00\x00\x00\x07" + POSTED), "not_json", "Avro"),
    Bad("a byte order mark", record(b"\xef\xbb\xbf" + POSTED), "not_json", "byte order mark"),
    Bad("half a document", record(POSTED[:-9]), "not_json", "EOF while parsing"),
    Bad("two documents", record(POSTED + b"\n" + POSTED), "not_json", "trailing characters"),
    Bad("Python's repr", record(b"{'type': 'x'}"), "not_json", "column 2"),
    Bad("depth without end", record(b'{"a":' * 5_000), "not_json", "recursion limit"),
    Bad("an array of events", record(b"[" + POSTED + b"]"), "not_object", "an array"),
    Bad("null", record(b"null"), "not_object", "null"),
    Bad("JSON encoded twice", record(b'"{\\"type\\": 1}"'), "not_object", "encoded twice"),
    # The type and its version
    posted("no type", "`type` is missing", "missing_type", type=...),
    posted("a null type", "`type` is null", "missing_type", type=None),
    Bad("no header", record(b'{"specversion": "1.0"}'), "missing_type", "content-type header"),
    posted("another's type", "which is not known", "unknown_type", type="com.bank.opened.v1"),
    posted("a wrong case", "mean 'transaction.posted'?", "unknown_type", type="TransactionPosted"),
    posted("a wrong separator", "did you mean", "unknown_type", type="transaction_posted"),
    posted("a number as type", "type is the number 7", "unknown_type", type=7),
    posted("a name as type", "type is text of 8 characters", "unknown_type", type="Jane Doe"),
    posted("version 2", "is the number 2; known: 1", "unknown_version", schema_version=2),
    posted("version 1 as text", "is '1'; known: 1", "unknown_version", schema_version="1"),
    posted("a version of its own", "known: 1", "unknown_version", schema_version="v1", role=5),
    # Fields
    posted("no customer", "customer_id is missing", "missing_field", customer_id=...),
    posted("no version", "schema_version is missing", "missing_field", schema_version=...),
    posted("no initiator", "initiator is missing", "missing_field", initiator=...),
    posted("no direction", "direction is missing", "missing_field", direction=...),
    Bad("nothing but a type", record(b'{"type": "account.opened"}'), "missing_field", "4 more"),
    Bad(
        "a score without its number",
        told("feedback.received", kind="score"),
        "missing_field",
        "score is missing: the kind is 'score'",
    ),
    Bad(
        "a minor without a date",
        told("customer.status-changed", until=...),
        "missing_field",
        "until is missing",
    ),
    Bad(
        "a balance without a currency",
        told("account.snapshot", currency=None),
        "missing_field",
        "there is a balance",
    ),
    posted("no zone", "'2025-03-31T09:12:44'", "missing_zone", occurred_at="2025-03-31T09:12:44"),
    posted("China's form", "without an", "missing_zone", occurred_at="2025-03-31 09:12:44"),
    posted("a day for a time", "without an", "missing_zone", occurred_at="2025-03-31"),
    posted("epoch seconds", "the number 1743384600", "invalid_field", occurred_at=1743384600),
    posted("epoch as text", "'1743384600870'", "invalid_field", occurred_at="1743384600870"),
    posted("epoch days", "the number 20178", "invalid_field", booking_date=20178),
    posted("no such day", "2025-02-30", "invalid_field", occurred_at="2025-02-30T00:00:00Z"),
    posted("a null time", "occurred_at is null", "invalid_field", occurred_at=None),
    posted("year one", "1900 to 2199", "invalid_field", occurred_at="0001-01-01T00:00:00Z"),
    posted("a float amount", "amount is the number 12.5", "amount_not_text", amount=12.5),
    posted("minor units", "amount is the number 1250", "amount_not_text", amount=1250),
    posted("a comma", "amount is '12,50'", "invalid_field", amount="12,50"),
    posted("a sign", "amount is '-12.50'", "invalid_field", amount="-12.50"),
    posted("Debezium's bytes", "text of 4 characters", "invalid_field", amount="AfvQ"),
    posted("RMB", "currency is 'RMB'", "unknown_currency", currency="RMB"),
    posted("minor unit notation", "currency is 'USD/2'", "unknown_currency", currency="USD/2"),
    posted("a symbol", "currency is text of 1 char", "unknown_currency", currency="¥"),
    posted("a role in capitals", "did you mean 'owner'?", "invalid_field", role="OWNER"),
    posted("a role of the core", "expected 'owner', 'joint'", "invalid_field", role="DISPONENT"),
    posted("white space", "at position 4", "invalid_field", customer_id="Jane Doe"),
    posted("an empty id", "event_id is empty", "invalid_field", event_id=""),
    posted("an endless id", "text of 129 characters", "invalid_field", event_id="x" * 129),
    posted("an id as a number", "posting_id is the number 5", "invalid_field", posting_id=5),
    posted("a sequence as text", "sequence is '5'", "invalid_field", sequence="5"),
    posted("a long code", "code is text of 65 characters", "invalid_field", code="x" * 65),
    posted("parties", "role is an array", "invalid_field", role=[{"id": "c", "role": "owner"}]),
    # CloudEvents
    Bad("a batch", record(b"[]", headers=BATCH), "cloudevent_invalid", "batches"),
    Bad("no id", record(b"{}", headers=[BINARY[0]]), "cloudevent_invalid", "`id` is missing"),
    Bad(
        "an old envelope",
        record(b'{"specversion": "0.3", "data": {}}', headers=STRUCTURED),
        "cloudevent_invalid",
        "specversion is '0.3'",
    ),
    Bad("two truths", record(POSTED, headers=BINARY), "cloudevent_conflict", "`id`"),
    Bad("binary, not JSON", record(b"{", headers=BINARY), "not_json", "EOF"),
    Bad("binary, fields missing", record(b"{}", headers=BINARY), "missing_field", "occurred_at"),
    # Key, partition and time
    Bad("a null key", record(POSTED, None), "missing_key", "null; expected 'cust-7781'"),
    Bad("an empty key", record(POSTED, b""), "missing_key", "empty; expected 'cust-7781'"),
    Bad("a binary key", record(POSTED, b"\x00\x00\xff"), "key_not_utf8", "3 bytes"),
    Bad("the account's key", record(POSTED, b"6222001"), "key_mismatch", "'6222001'; customer_id"),
    Bad("a quoted key", record(POSTED, b'"cust-7781"'), "key_mismatch", "JSON serializer"),
    Bad(
        "an id that turns the text around",
        told("transaction.posted", customer_id="cust\u202e7781"),
        "key_mismatch",
        "customer_id is 'cust\\u202e7781'",
    ),
    Bad("a case apart", record(POSTED, b"CUST-7781"), "key_mismatch", "'CUST-7781'"),
    Bad(
        "a watermark with a key",
        record(written("feed.watermark"), CUSTOMER),
        "control_with_key",
        "feed.watermark has the key 'cust-7781'",
    ),
    Bad(
        "an erasure with a key",
        record(written("customer.erased"), CUSTOMER),
        "control_with_key",
        "customer.erased",
    ),
    Bad(
        "a policy with a key",
        record(written("policy.activated"), CUSTOMER),
        "control_with_key",
        "policy.activated",
    ),
    posted("tomorrow", "occurred_at is 2025-04-01", "future_date", occurred_at="2025-04-01T12:00Z"),
    Bad(
        "a watermark of next year",
        told("feed.watermark", complete_through="2026-01-01T00:00:00Z"),
        "future_date",
        "complete_through is 2026-01-01T00:00:00.000Z, more than 900 s after",
    ),
    Bad(
        "activity to come",
        told("account.snapshot", last_customer_activity="2025-06-01T00:00:00Z"),
        "future_date",
        "last_customer_activity",
    ),
    Bad(
        "an opening to come",
        told("account.opened", opened_on="2025-05-01"),
        "future_date",
        "opened_on is 2025-05-01",
    ),
    Bad(
        "a snapshot of an opening to come",
        told("account.snapshot", opened_on="2025-05-01"),
        "future_date",
        "opened_on is 2025-05-01",
    ),
    Bad(
        "a balance to come",
        told("balance.reported", as_of="9999-12-31"),
        "future_date",
        "as_of is 9999-12-31",
    ),
    Bad("no timestamp", record(POSTED, stamp=-1), "invalid_timestamp", "-1"),
    Bad(
        "microseconds", record(POSTED, stamp=STAMP * 1000), "invalid_timestamp", "1743412364310000"
    ),
    Bad(
        "a merger",
        told("customer.status-changed", status="merged", merged_into="cust-9020"),
        "merge_unsupported",
        "'cust-7781' is said to be merged",
    ),
]
