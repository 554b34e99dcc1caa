"""The words every message is made of.

Messages are frozen pydantic models, read from JSON in strict mode: a number is not a string, a
time without an offset is not a time. Unknown fields are ignored, so that a feed may grow before
Tenure does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Message(BaseModel):
    """The base of everything said on a topic: frozen, strict, tolerant of unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", populate_by_name=True)


Instant = Annotated[
    AwareDatetime,
    Field(ge=_EARLIEST, lt=_LATEST, description="RFC 3339 time with an offset, 1900 to 2199."),
]
Identifier = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f\x7f]+$"),
    Field(description="1 to 128 printable characters without white space."),
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,18}(\.[0-9]{1,6})?$"),
    Field(description="A decimal string without a sign, such as '1250.00'; never a number."),
]
SignedAmount = Annotated[
    str,
    StringConstraints(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"),
    Field(description="A decimal string that may be negative, such as '-93.10'."),
]
Fraction = Annotated[
    str,
    StringConstraints(pattern=r"^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$"),
    Field(description="A decimal string from 0 to 1, such as '0.83'."),
]


def to_millis(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z; finer digits are cut."""
    return (moment - EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """The aware UTC time of a number of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=millis)


def rfc3339(millis: int) -> str:
    """The one way a time is written in an output: UTC, milliseconds, 'Z'."""
    return from_millis(millis).strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"
