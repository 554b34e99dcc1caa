"""Dead letters: a refused record as it came, with the reason and its coordinates in headers.

Raw bytes are kept whole up to a size that the topic is checked to take. What is larger can only
have come compressed: then a part of it is kept, and the whole is at its coordinates in the input.
"""

from __future__ import annotations

from typing import Final

from consumer.ports import OutRecord
from consumer.rejection import Rejected
from consumer.settings import Settings
from schemas.headers import to_headers
from schemas.outputs import DeadLetter

LEAST_RECORD_BYTES: Final = 2_097_152
"""A record of this size is kept whole, so that a document sent by mistake can be looked at."""
_HEADER_BYTES: Final = 32_768
"""More than this of a record's own headers is not repeated."""
_ENTRY_BYTES: Final = 16
"""What a header costs beside its name and value, amply."""

_Headers = tuple[tuple[str, bytes], ...]


def kept_bytes(settings: Settings) -> int:
    """Up to which size a record's key and value are kept whole."""
    return max(LEAST_RECORD_BYTES, settings.max_value_bytes)


def dead_letter(settings: Settings, refused: Rejected) -> OutRecord:
    """The record to publish."""
    record = refused.record
    headers: _Headers = tuple((name, value or b"") for name, value in record.headers)
    key, value = record.key, record.value
    cut = []
    if sum(len(name) + len(text) + _ENTRY_BYTES for name, text in headers) > _HEADER_BYTES:
        cut.append(f"{len(headers)} headers")
        headers = ()
    most = kept_bytes(settings)
    if key is not None and len(key) > most // 2:
        cut.append(f"the key after {most // 2:,} of {len(key):,} bytes")
        key = key[: most // 2]
    room = most - len(key or b"")
    if value is not None and len(value) > room:
        cut.append(f"the value after {room:,} of {len(value):,} bytes")
        value = value[:room]
    if key is None and value is None:
        key = b""  # a record of nothing at all cannot be sent
    letter = DeadLetter(
        reason=refused.reason,
        detail=refused.detail,
        remedy=refused.remedy,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp_ms,
        cut=", ".join(cut) or None,
    )
    return OutRecord(settings.dead_letters_topic, key, value, (*headers, *to_headers(letter)))
