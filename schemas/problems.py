"""What is wrong with a document, in plain words that never repeat personal data.

pydantic says what a validator expected; a feed's team needs to know which field, what was found,
and what to write instead. Found values are repeated only where they are short and cannot be a
person's: numbers, times, codes and ids. Everything else is described ("text of 8 characters").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

ProblemCode = Literal[
    "not_utf8",
    "not_json",
    "not_object",
    "missing_type",
    "unknown_type",
    "unknown_version",
    "missing_field",
    "missing_zone",
    "amount_not_text",
    "unknown_currency",
    "invalid_field",
    "cloudevent_invalid",
    "cloudevent_conflict",
]
MOST_NAMED: Final = 4
"""So many errors of one event are named; the rest is counted."""
_LONGEST_SHOWN: Final = 40
_WITHOUT_ZONE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}[0-9:.,]*)?")
_NUMERIC: Final = re.compile(r"[0-9TtZz:.,+\-/ ]+")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.:+/\-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document is refused; `remedy` where there is a better one than the code's own."""

    code: ProblemCode
    detail: str
    remedy: str | None = None


_MARKS: Final = (
    (b"\x00", Problem("not_json", "the first byte is 0, as in Avro or schema registry framing")),
    (b"\xff\xfe", Problem("not_utf8", "the value begins with the mark of UTF-16")),
    (b"\xfe\xff", Problem("not_utf8", "the value begins with the mark of UTF-16")),
    (
        b"\xef\xbb\xbf",
        Problem(
            "not_json",
            "the value begins with a byte order mark (0xef 0xbb 0xbf)",
            "Write UTF-8 without a byte order mark.",
        ),
    ),
)


def problem_in(error: ValidationError, document: bytes) -> Problem:
    """Explain why `document` is no canonical event; `error` is what reading it raised."""
    errors = error.errors(include_url=False)
    first = errors[0]
    match first["type"]:
        case "json_invalid":
            return not_json(document, str(first["ctx"]["error"]))
        case "dict_type" | "model_type" | "model_attributes_type":
            return _not_object(first["input"])
        case "union_tag_not_found":
            return _missing_type(first["input"])
        case "union_tag_invalid":
            return _unknown_type(first)
        case _:
            return _in_fields(errors)


def _in_fields(errors: list[ErrorDetails]) -> Problem:
    for each in errors:
        if _field(each) == "schema_version" and each["type"] == "literal_error":
            return Problem(
                "unknown_version",
                f"schema_version of {each['loc'][0]} is {word(each['input'])}; known: 1",
            )
    named = [_in_field(each) for each in errors]
    details = [problem.detail for problem in named[:MOST_NAMED]]
    if len(named) > MOST_NAMED:
        details.append(f"and {len(named) - MOST_NAMED} more")
    return Problem(named[0].code, f"{errors[0]['loc'][0]}: " + "; ".join(details), named[0].remedy)


def not_json(document: bytes, found: str) -> Problem:
    """Explain why `document` is no JSON; `found` is what the parser said (it quotes nothing)."""
    for mark, problem in _MARKS:
        if document.startswith(mark):
            return problem
    try:
        document.decode()
    except UnicodeDecodeError as error:
        byte = document[error.start]
        return Problem("not_utf8", f"byte 0x{byte:02x} at position {error.start} is not UTF-8")
    return Problem("not_json", f"not JSON: {found}")


def nearest(found: str, known: list[str]) -> str:
    """Return "; did you mean 'x'?" for the known word nearest to `found`, or nothing."""
    if len(found) > _LONGEST_SHOWN:
        return ""
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in known}
    close = get_close_matches(re.sub(r"[^a-z0-9]", "", found.lower()), plain, n=1, cutoff=0.6)
    return f"; did you mean '{plain[close[0]]}'?" if close else ""


def shown(value: object) -> str:
    """Describe a value found: itself where it is a number or a time, else its shape."""
    if isinstance(value, str):
        return _quoted(value) if _NUMERIC.fullmatch(value) else _measured(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {_cut(repr(value))}" if _is_short(value) else "a huge number"
    return "an array" if isinstance(value, list) else "an object"


def word(value: object) -> str:
    """Describe a value found where a word of the contract belongs: a code is repeated too."""
    return _quoted(value) if isinstance(value, str) and _TOKEN.fullmatch(value) else shown(value)


def _is_short(number: float) -> bool:
    return not isinstance(number, int) or number.bit_length() < 256


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def _quoted(text: str) -> str:
    return f"'{_cut(text)}'"


def _measured(text: str) -> str:
    return f"text of {len(text)} characters" if text else "empty"


def _field(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"][1:])


def _not_object(found: object) -> Problem:
    if isinstance(found, str):
        return Problem("not_object", "the value is a JSON string, perhaps JSON encoded twice")
    return Problem("not_object", f"the value is {shown(found)}, not an object")


def _missing_type(document: object) -> Problem:
    if isinstance(document, dict) and "specversion" in document:
        return Problem(
            "missing_type",
            "the value looks like a structured CloudEvent, but its content-type header is missing",
            "Set the header content-type: application/cloudevents+json.",
        )
    return Problem("missing_type", "the field `type` is missing")


def _unknown_type(error: ErrorDetails) -> Problem:
    tag = cast("dict[str, Any]", error["input"])["type"]
    known = re.findall(r"'([^']+)'", error["ctx"]["expected_tags"])
    if tag is None:
        return Problem("missing_type", "the field `type` is null")
    guess = nearest(tag, known) if isinstance(tag, str) else ""
    return Problem("unknown_type", f"type is {word(tag)}, which is not known{guess}")


def _in_field(error: ErrorDetails) -> Problem:
    field, found, expected = _field(error), error["input"], error["msg"]
    match error["type"]:
        case "missing":
            return Problem("missing_field", f"{field} is missing")
        case "needs_field":
            return Problem("missing_field", expected)
        case "invalid_time":
            return _time(field, found, expected)
        case "literal_error":
            return _choice(field, found, error["ctx"]["expected"])
        case code:
            wanted = expected.replace("Input should be", "expected")
            return Problem(_code(code, found), f"{field} is {_described(code, found)}; {wanted}")


def _code(error_type: str, found: object) -> ProblemCode:
    if error_type == "unknown_currency":
        return "unknown_currency"
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return "amount_not_text" if error_type == "invalid_amount" and is_number else "invalid_field"


def _described(error_type: str, found: object) -> str:
    match error_type:
        case "unknown_currency" | "unknown_risk_appetite" | "unknown_time_zone":
            return word(found)
        case "invalid_identifier":
            return _identifier(found)
        case "invalid_code" if isinstance(found, str):
            return _measured(found)
        case _:
            return shown(found)


def _choice(field: str, found: object, choices: str) -> Problem:
    guess = nearest(found, re.findall(r"'([^']+)'", choices)) if isinstance(found, str) else ""
    return Problem("invalid_field", f"{field} is {word(found)}; expected {choices}{guess}")


def _time(field: str, found: object, expected: str) -> Problem:
    if isinstance(found, int | float) or (isinstance(found, str) and found.isdecimal()):
        return Problem(
            "invalid_field",
            f"{field} is {shown(found)}; {expected}",
            "Write times as RFC 3339 text: the unit and zone of a bare number would be a guess.",
        )
    if isinstance(found, str) and _WITHOUT_ZONE.fullmatch(found):
        return Problem("missing_zone", f"{field} is {shown(found)}, without an offset; {expected}")
    return Problem("invalid_field", f"{field} is {shown(found)}; {expected}")


def _identifier(found: object) -> str:
    if not isinstance(found, str) or not found:
        return shown(found)
    odd = next((at for at, char in enumerate(found) if char.isspace() or ord(char) < 0x20), None)
    if odd is not None:
        return f"text with white space or a control character at position {odd}"
    return _measured(found)
