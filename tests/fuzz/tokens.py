"""What a spoilt field may hold, as it stands in JSON or in place of it."""

from __future__ import annotations

from typing import Final

_NUMBERS: Final = (
    *(b"0", b"-0", b"1", b"-1", b"1.0", b"12.5", b"1e5", b"-1e-400", b"1E400", b"9007199254740993"),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"1" * 400),
    *(b"18446744073709551616", b"1743384600870", b"01", b"+1", b".5", b"1.", b"0x10", b"1_000"),
    *(b"NaN", b"Infinity", b"-Infinity", b"nan"),
)
_TIMES: Final = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0000-00-00T00:00:00Z"),
    *("1900-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z", "1899-12-31T23:59:59.999999Z"),
    *("2199-12-31T23:59:59.9999999-23:59", "2200-01-01T00:00:00Z", "2199-12-31T23:59:59-12:00"),
    *("2025-02-30T00:00:00Z", "2025-03-31T24:00:00Z", "2016-12-31T23:59:60Z", "2025-03-31T09:12"),
    *("2025-03-31T09:12:44+24:00", "2025-03-31T09:12:44-00:00", "2025-03-31T09:12:44+0800"),
    *(
        "2025-03-31T09:12:44+08",
        "2025-03-31T09:12:44 +08:00",
        "2025-03-31T09:12:44Z[Asia/Shanghai]",
    ),
    *("2025-03-31 09:12:44", "2025-03-31T09:12:44,5Z", "2025-W14-1", "20250331", "2025-090"),
    *("1743384600870", "1743384600", "0001-01-01", "9999-12-31", "10000-01-01", "1899-12-31"),
    *("2025-13-01", "2025-03-31T09:12:44.1234567891Z", "2025-03-31t09:12:44z", "-2025-03-31"),
    "\u0662\u0660\u0662\u0665-03-31T09:12:44Z",
)
_TEXTS: Final = (
    *(
        "",
        " ",
        "  x",
        "x y",
        "x\t",
        "\u00a0",
        "\u2028",
        "\u200b",
        "\ufeff",
        "\x7f",
        "\x85",
        "é",
        "\U0001d7d9",
    ),
    *("x" * 64, "x" * 65, "x" * 128, "x" * 129, "é" * 128, "\U0001f3e6" * 64, "Z" * 6_000),
    *(
        "-1",
        "+1.0",
        "1.",
        ".5",
        "1e5",
        "12,50",
        "1_000",
        "\uff11\uff12",
        "\u0663",
        "NaN",
        "0" * 19,
        "1.1234567",
    ),
    *(
        "cny",
        "RMB",
        "USD/2",
        "CNY ",
        "\u216dNY",
        "OWNER",
        "owner ",
        "Jane Doe",
        "transaction.posted",
    ),
    *("transaction_posted", "com.bank.opened.v1", "anna", "boris", "merged", "deceased", "minor"),
    *("closed", "a1", "p1", "1.0", "null", "true", "1", "2", "C9", "Mars/Olympus", "../../etc"),
    *("{}", '{"type":"account.opened"}', "'; --", "%s%n", "\\", '"', "/"),
)
_BROKEN: Final = (
    *(
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\\ud83c\\udfe6"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\x80"',
    ),
    *(b'"\xe6\x89"', b'"\xf5\x80\x80\x80"', b'"\x00"', b'"\n"', b'"\\x41"', b'"\\u12"', b'"open'),
    *(b"'x'", b"None", b"True", b"undefined", b"", b"//", b"/* */1", b"\xef\xbb\xbf1"),
)
_NESTED: Final = (
    *(b"null", b"true", b"false", b"[]", b"{}", b'[1,"a",null]', b'{"amount":"1.00"}', b"[[]]"),
    *(b"[" * 90 + b"]" * 90, b"[" * 400 + b"]" * 400, b'{"a":' * 150 + b"1" + b"}" * 150),
    *(b"[" * 5_000, b'[{"type":"account.opened"}]', b"[" + b"0," * 500 + b"0]"),
)


def _text(text: str) -> bytes:
    """As JSON, the plain characters as they are."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.encode() if escaped.isprintable() else _escaped(escaped)


def _escaped(text: str) -> bytes:
    return (
        '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text) + '"'
    ).encode()


TOKENS: Final = (
    *(_text(text) for text in (*_TEXTS, *_TIMES)),
    *_NUMBERS,
    *_NESTED,
    *_BROKEN,
)
INSERTED: Final = (
    *(
        b"",
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b" ",
        b"\n",
        b"\x00",
        b"\xff",
        b"9",
        b"-",
    ),
    *(b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b'"a":1,', b"null", b"e9", b"\xe2\x80\xae"),
)
"""What a spoilt place in the bytes may hold."""
