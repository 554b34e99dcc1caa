"""Valid events of every type, ordinary and extreme: what the contract lets a feed say.

Each begins as the contract's example of its type. Then some of its fields are said in another
valid way: every word that the models list, and the least, the longest and the strangest of what
has no list. Ids come from small pools, so that events meet, repeat and contradict each other:
accounts close before they open, postings are reversed that nobody made, roles change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, get_args

from schemas.base import EPOCH
from schemas.events import CONTROL_EVENTS, CanonicalEvent
from schemas.examples import example
from tests.fuzz.choices import Choices

CUSTOMERS: Final = (
    *(
        "anna",
        "boris",
        "chen",
        "李雷-7",
        "d" * 128,
        "e/!\"\\'<&>",
        "#0",
        "fünf\u200d\u202e",
        "\U0001f3e6",
    ),
)
_MODELS: Final = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(CanonicalEvent)[0])
}
TYPES: Final = tuple(_MODELS)
CONTROL: Final = frozenset(name for name, model in _MODELS.items() if model in CONTROL_EVENTS)
_CODES: Final = ("mobile", "x", "w" * 64, "手机", "a/b", " ", "\x00\x7f", "\u2028", "sms", "post")
_DAYS: Final = (
    *("2025-03-31", "1900-01-01", "9999-12-31", "1970-01-01", "2024-02-29", "2106-02-07"),
    *("2199-12-31", "2026-01-01"),
)
_AMOUNTS: Final = ("250.00", "0", "0.000001", "9" * 18 + ".999999", "0" * 18, "1", "1.5")
_BALANCES: Final = (*_AMOUNTS, "-0", "-93.10", "-" + "9" * 18 + ".999999")
_POOLS: Final[dict[str, tuple[Any, ...]]] = {
    "source": ("core", "core", "core", "crm", "s" * 128, "grows"),
    "sequence": (None, 0, 1, 2, 3, 5, 8, 2**31, 2**63 - 1),
    "tenant": (None, "t", "主"),
    "received_at": (None, "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999+00:00"),
    "account_ref": ("a1", "a2", "a3", "core:main:acct:6222001", "a" * 128, "账户:1"),
    "product_ref": ("p1", "p2", "a1", "p" * 128),
    "feedback_id": tuple(f"f{number}" for number in range(12)),
    "posting_id": tuple(f"t{number}" for number in range(30)),
    "original_posting_id": tuple(f"t{number}" for number in range(32)),
    "acting_party": (None, "anna", "boris", "nobody"),
    "referred_customer_id": (None, "anna", "chen"),
    "merged_into": (None, "anna"),
    "amount": _AMOUNTS,
    "balance": _BALANCES,
    "balance_after": (None, *_BALANCES),
    "currency": ("CNY", "EUR", "JPY", "USD", "XAU"),
    "opened_on": _DAYS,
    "as_of": _DAYS,
    "matures_on": (None, *_DAYS),
    "until": _DAYS,
    "expires_on": (None, *_DAYS),
    "booking_date": (None, *_DAYS),
    "value_date": (None, *_DAYS),
    "owners": (1, 2, 99),
    "days_past_due": (0, 1, 2**63 - 1),
    "policy_version": (1, 2**63 - 1),
    "topic": ("tenure.accounts", "tenure.transactions", "elsewhere"),
    **dict.fromkeys(("code", "channel", "reason", "model", "legal_basis"), _CODES),
    **dict.fromkeys(("model_version", "employer_ref", "counterparty_institution"), _CODES),
    **dict.fromkeys(("granted", "objected"), (True, False)),
}
_SCORES: Final = ("0.83", "0", "1", "0.000000001", "1.000000000", "0.999999999", "0.7")
_ATTRIBUTES: Final = (
    *(("risk_appetite", "C1"), ("risk_appetite", "C5"), ("time_zone", "Pacific/Kiritimati")),
    *(("time_zone", "America/New_York"), ("demographic_class", "é" * 64)),
)
_TIMED: Final = frozenset({"complete_through", "last_customer_activity"})
_ZONES: Final = tuple(
    timezone(timedelta(minutes=minutes)) for minutes in (0, 480, 840, -720, 1439, -1439, 345)
)
_LATEST: Final = datetime(2199, 12, 30, tzinfo=UTC)
_EARLIEST: Final = datetime(1900, 1, 2, tzinfo=UTC)


def _ways() -> dict[str, dict[str, tuple[Any, ...]]]:
    """Per type: its fields that can be said in other ways, and these ways."""
    ways: dict[str, dict[str, tuple[Any, ...]]] = {}
    for name, model in _MODELS.items():
        found = ways[name] = {}
        for field, about in model.model_fields.items():
            words = _words(about.annotation)
            if len(words) > 1:
                found[field] = words
            elif field in _POOLS and not words:
                found[field] = _POOLS[field]
    return ways


def _words(annotation: Any) -> tuple[Any, ...]:
    """The words that a field may have, where the model lists them."""
    words = get_args(annotation)
    if all(isinstance(word, str) for word in words):
        return words
    return next((found for one in words if (found := _words(one))), ())


_WAYS: Final = _ways()
_FIELDS: Final = {name: tuple(ways) for name, ways in _WAYS.items()}
_EXAMPLES: Final = {name: {"type": name} | example(name) for name in TYPES}


def event(
    choices: Choices, kind: str, customer: str, at: int, number: int, digest: str
) -> dict[str, Any]:
    """An event of a type as its feed would write it; `digest` is that of the policy in force."""
    told = dict(_EXAMPLES[kind])
    fields = _FIELDS[kind]
    for _ in range(choices.pick((1, 2, 3, 0, 6))):
        field = choices.pick(fields)
        told[field] = choices.pick(_WAYS[kind][field])
    told["event_id"] = f"e{number if not choices.one_in(12) else choices.below(number + 1)}"
    told["occurred_at"] = instant(choices, at)
    if "customer_id" in told:
        told["customer_id"] = customer
    for field in _TIMED & told.keys():
        told[field] = instant(choices, at + choices.pick((0, -1, -86_400_000, 600_000)))
    match kind:
        case "transaction.posted" if "posting_id" not in told or choices.one_in(2):
            told["posting_id"] = f"t{choices.below(30)}"
        case "customer.attribute-set":
            told["attribute"], told["value"] = choices.pick(_ATTRIBUTES)
        case "customer.scored":
            told["score"] = choices.pick(_SCORES)
        case "feedback.received":
            told["score"] = choices.below(11)
        case "policy.activated":
            told["policy_digest"] = digest if choices.below(2) else "another"
        case "account.snapshot" | "account.opened" | "balance.reported" if not choices.one_in(8):
            told["opened_on"] = told["as_of"] = "2015-05-05"
    return told


def instant(choices: Choices, at: int) -> str:
    """A time written in one of the ways of RFC 3339, within the limits of the contract."""
    try:
        moment = EPOCH + timedelta(milliseconds=at)
    except OverflowError:
        moment = _LATEST
    moment = min(max(moment, _EARLIEST), _LATEST)
    way = choices.below(24)
    if way < 16:
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = moment.astimezone(choices.pick(_ZONES)).isoformat()
    match way:
        case 16:
            return text.replace("T", " ")
        case 17:
            return text.replace("T", "t")
        case 18:
            return moment.strftime("%Y-%m-%dT%H:%MZ")
        case 19:
            return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "123456789Z"
        case 20:
            return moment.strftime("%Y-%m-%dT%H:%M:%S.1z")
        case _:
            return text
