"""How records are spoilt in their parts: their JSON, headers, key and time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.cloudevents import STRUCTURED
from tests.fuzz.choices import Choices
from tests.fuzz.drafts import Draft, Pairs
from tests.fuzz.tokens import TOKENS

Spoil = Callable[[Choices, Draft], None]
_NAMES: Final = (
    *(b'"type"', b'"schema_version"', b'"customer_id"', b'"amount"', b'"specversion"', b'"data"'),
    *(
        b'"data_base64"',
        b'"datacontenttype"',
        b'"id"',
        b'"Type"',
        b'"unknown"',
        b'""',
        b'"\\u0000"',
    ),
    *(
        b"customer_id",
        b"1",
        b"null",
        b'"\xff"',
        b'"\\ud800"',
        b'"sequence"',
        b'"status"',
        b'"until"',
    ),
)
_KEYS: Final = (
    *(
        None,
        b"",
        b"anna",
        b'"anna"',
        b"ANNA",
        b"a1",
        b"\x00\x00\x00\x01\xff",
        b"\xed\xa0\x80",
        b" ",
    ),
    *(
        b"anna ",
        "李雷-7".encode(),
        "李雷-7".encode("gbk"),
        b"k" * 5_000,
        b"k" * 1_100_000,
        b"boris",
        b"\x00",
    ),
)
_TIMESTAMPS: Final = (
    *(-1, 0, 1, -(2**63), 2**63 - 1, 7_258_118_400_000, 7_258_118_399_999, 253_402_300_800_000),
    *(1_743_412_364_310_000, 1_743_412_364, 2**62),
)
_HEADERS: Final[tuple[tuple[str, bytes | None], ...]] = (
    *(("content-type", None), ("content-type", b"application/json; charset=UTF-8")),
    *(("content-type", STRUCTURED.encode()), ("Content-Type", STRUCTURED.upper().encode())),
    *(("content-type", b"application/cloudevents-batch+json"), ("content-type", b"text/plain")),
    *(("content-type", b"application/cloudevents"), ("content-type", b"\xff\xfe")),
    *(("content-type", b"application/json\x00"), ("content-type", b"application/avro")),
    *(("ce_specversion", b"1.0"), ("ce_specversion", b"0.3"), ("ce_id", b"e-1"), ("ce_id", None)),
    *(("ce_id", b""), ("CE_ID", b"other"), ("ce_type", b"transaction.posted"), ("ce_", b"x")),
    *(("ce_type", b"\xc3\x28"), ("ce_time", b"yesterday"), ("ce_time", b"2025-03-31T09:12:44Z")),
    *(("ce_source", b"core/retail"), ("ce_subject", b"anna"), ("ce_subject", "李雷-7".encode())),
    *(("ce_sequence", b"00000012"), ("ce_sequence", b"-1"), ("ce_sequence", b"9" * 5_000)),
    *(("ce_sequence", "٣".encode()), ("ce_schemaversion", b"2"), ("ce_schemaversion", b"1")),
    *(("ce_data", b"{}"), ("ce_datacontenttype", b"text/xml"), ("ce_type", b"x" * 40_000)),
    *(("", b""), ("\x00", b"\x00"), ("näme", b"\xff"), ("big", b"h" * 40_000), ("none", None)),
    *(
        ("tenure_reason", b"not_json"),
        ("tenure_offset", b"7"),
        *(("tenure_cut", b"headers"), ("tenure_reason", None)),
        ("tenure_detail", b"\xff"),
    ),
)


def _members(choices: Choices, draft: Draft) -> Pairs:
    """The object to be spoilt: the data, or now and then the attributes."""
    return draft.envelope if draft.envelope and choices.one_in(2) else draft.data


def _put(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    if members:
        place = choices.below(len(members))
        members[place] = (members[place][0], choices.pick(TOKENS))


def _drop(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    if members:
        del members[choices.below(len(members))]


def _add(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    place = choices.below(len(members) + 1)
    members.insert(place, (choices.pick(_NAMES), choices.pick(TOKENS)))


def _repeat(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    if members:
        name, value = choices.pick(members)
        value = value if choices.below(2) else choices.pick(TOKENS)
        members.insert(choices.below(len(members) + 1), (name, value))


def _rename(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    if members:
        place = choices.below(len(members))
        members[place] = (choices.pick(_NAMES), members[place][1])


def _exchange(choices: Choices, draft: Draft) -> None:
    members = _members(choices, draft)
    if members:
        place, other = choices.below(len(members)), choices.below(len(members))
        members[place] = (members[place][0], members[other][1])


def _nest(choices: Choices, draft: Draft) -> None:
    draft.data = [(choices.pick(_NAMES), draft.value())]


def _many(choices: Choices, draft: Draft) -> None:
    more = choices.pick((30, 700))
    draft.data += [(f'"x{number}"'.encode(), b"0") for number in range(more)]


def _key(choices: Choices, draft: Draft) -> None:
    draft.key = choices.pick(_KEYS)


def _timestamp(choices: Choices, draft: Draft) -> None:
    draft.timestamp = choices.pick(_TIMESTAMPS)


def _header(choices: Choices, draft: Draft) -> None:
    place = choices.below(len(draft.headers) + 1)
    draft.headers.insert(place, choices.pick(_HEADERS))


def _other_header(choices: Choices, draft: Draft) -> None:
    if draft.headers:
        place = choices.below(len(draft.headers))
        draft.headers[place] = (draft.headers[place][0], choices.pick(_HEADERS)[1])


def _no_header(choices: Choices, draft: Draft) -> None:
    if draft.headers:
        del draft.headers[choices.below(len(draft.headers))]


def _other_mode(choices: Choices, draft: Draft) -> None:
    draft.mode = choices.pick(("bare", "structured", "binary"))


SPOILT: Final[tuple[Spoil, ...]] = (
    *(*[_put] * 14, _drop, _drop, _add, _repeat, _rename, _exchange, _nest, _many),
    *(_key, _key, _timestamp, _header, _header, _other_header, _no_header, _other_mode),
)
