"""The words every message is made of.

Messages are frozen pydantic models, read from JSON in strict mode: a number is not a string, a
time without an offset is not a time. Unknown fields are ignored, so that a feed may grow before
Tenure does.

Each kind of value refuses in its own name (an error type below, such as 'invalid_amount') with a
message that says what is expected; `schemas.problems` makes plain words of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
LARGEST_INTEGER = 2**63 - 1
"""What every store and language holds in one integer."""


class Message(BaseModel):
    """The base of everything said on a topic: frozen, strict, tolerant of unknown fields."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        populate_by_name=True,
        # What we write has every field, and its JSON Schema says so.
        json_schema_serialization_defaults_required=True,
    )


@dataclass(frozen=True, slots=True)
class RefusedAs:
    """Names the error of the annotated type: `code` is its type, `expected` its message."""

    code: str
    expected: str

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Wrap the schema of the annotated type: every error of it comes under this one name."""
        return self.around(handler(source))

    def around(self, schema: CoreSchema) -> CoreSchema:
        """Wrap `schema`: every error of it comes under this one name."""
        return core_schema.custom_error_schema(
            schema, custom_error_type=self.code, custom_error_message=self.expected
        )


def _written(pattern: str, value: CoreSchema) -> CoreSchema:
    """Only text of this form is read from JSON; in Python only the value itself.

    Without the form, a string of digits would be read as a Unix time whose unit is guessed.
    """
    read = core_schema.chain_schema(
        [core_schema.str_schema(strict=True, pattern=pattern), {**value, "strict": False}]
    )
    return core_schema.json_or_python_schema(json_schema=read, python_schema=value)


class _Instant:
    @staticmethod
    def __get_pydantic_core_schema__(_: type[Any], __: GetCoreSchemaHandler) -> CoreSchema:
        value = core_schema.datetime_schema(
            strict=True, tz_constraint="aware", ge=_EARLIEST, lt=_LATEST
        )
        return RefusedAs(
            "invalid_time",
            "expected an RFC 3339 time with an offset, from 1900 to 2199, "
            "such as '2025-03-31T09:12:44.310+08:00'",
        ).around(_written("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:", value))

    @staticmethod
    def __get_pydantic_json_schema__(_: CoreSchema, __: object) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 time with an offset, 1900 to 2199.",
        }


class _Day:
    @staticmethod
    def __get_pydantic_core_schema__(_: type[Any], __: GetCoreSchemaHandler) -> CoreSchema:
        value = core_schema.date_schema(strict=True, ge=_EARLIEST.date())
        return RefusedAs(
            "invalid_date", "expected a date from 1900 on, such as '2025-03-31'"
        ).around(_written("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", value))

    @staticmethod
    def __get_pydantic_json_schema__(_: CoreSchema, __: object) -> dict[str, Any]:
        return {"type": "string", "format": "date", "description": "A calendar day, 1900 or later."}


Instant = Annotated[datetime, _Instant()]
Day = Annotated[date, _Day()]
Identifier = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f\x7f]+$"),
    RefusedAs(
        "invalid_identifier",
        "expected a string of 1 to 128 printable characters without white space",
    ),
    Field(description="1 to 128 printable characters without white space."),
]
Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    RefusedAs("invalid_code", "expected a string of 1 to 64 characters"),
]
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,18}(\.[0-9]{1,6})?$"),
    RefusedAs("invalid_amount", "expected a decimal string without a sign, such as '1250.00'"),
    Field(description="A decimal string without a sign, such as '1250.00'; never a number."),
]
SignedAmount = Annotated[
    str,
    StringConstraints(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"),
    RefusedAs("invalid_amount", "expected a decimal string, such as '1250.00' or '-93.10'"),
    Field(description="A decimal string that may be negative, such as '-93.10'; never a number."),
]
Fraction = Annotated[
    str,
    StringConstraints(pattern=r"^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$"),
    RefusedAs("invalid_amount", "expected a decimal string from 0 to 1, such as '0.83'"),
    Field(description="A decimal string from 0 to 1, such as '0.83'; never a number."),
]


def to_millis(moment: datetime) -> int:
    """Return the milliseconds since 1970-01-01T00:00:00Z; finer digits are cut."""
    try:
        return (moment - EPOCH) // _MILLISECOND
    except TypeError:
        raise ValueError("a time without an offset has no place on the clock") from None


def from_millis(millis: int) -> datetime:
    """Return the aware UTC time of a number of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=millis)


def rfc3339(millis: int) -> str:
    """Write a time the one way it is written in an output: UTC, milliseconds, 'Z'."""
    return from_millis(millis).strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"
