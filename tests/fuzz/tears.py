"""How the bytes of a value are spoilt, whatever they say."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Final

from tests.fuzz.choices import Choices
from tests.fuzz.tokens import INSERTED

_AROUND: Final = (
    *((b"[", b"]"), (b'"', b'"'), (b" \n", b"\r\n"), (b"\xef\xbb\xbf", b""), (b"{" * 9, b"}" * 9)),
    *((b"\x00\x00\x00\x00\x07", b""), (b"\xff\xfe", b""), (b"", b"\x00"), (b")]}',\n", b"")),
)
Tear = Callable[[Choices, bytes], bytes | None]


def _insert(choices: Choices, value: bytes) -> bytes:
    place = choices.below(len(value) + 1)
    return value[:place] + choices.pick(INSERTED) + value[place + choices.below(4) :]


def _flip(choices: Choices, value: bytes) -> bytes:
    place = choices.below(max(len(value), 1))
    return value[:place] + bytes([choices.below(256)]) + value[place + 1 :]


def _cut(choices: Choices, value: bytes) -> bytes:
    return value[: choices.below(len(value) + 1)]


def _remove(choices: Choices, value: bytes) -> bytes:
    place = choices.below(len(value) + 1)
    return value[:place] + value[place + 1 + choices.below(40) :]


def _double(choices: Choices, value: bytes) -> bytes:
    return value + choices.pick((b"", b"\n", b",", b" ")) + value


def _wrapped(choices: Choices, value: bytes) -> bytes:
    before, after = choices.pick(_AROUND)
    return before + value + after


def _encoded(choices: Choices, value: bytes) -> bytes:
    if choices.one_in(3):
        return gzip.compress(value, 1, mtime=0)
    text = value.decode(errors="replace")
    return text.encode(choices.pick(("utf-16", "utf-32", "gb18030", "utf-7")), errors="replace")


def _noise(choices: Choices, value: bytes) -> bytes:
    return bytes(choices.below(256) for _ in range(choices.below(24)))


def _gone(choices: Choices, value: bytes) -> bytes | None:
    return choices.pick((None, b"", b"null", b"{}", b"[]", b'""', b"0"))


def _swollen(choices: Choices, value: bytes) -> bytes:
    most = 2_200_000 if choices.one_in(40) else 30_000
    return value + choices.pick((b" ", b"x", b"\xff")) * most


TORN: Final[tuple[Tear, ...]] = (
    *(_insert, _insert, _insert, _flip, _flip, _cut, _remove, _double, _wrapped, _encoded, _noise),
    *(_gone, _swollen),
)
