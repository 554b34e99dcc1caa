from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given

from schemas.outputs import Kind, LostBy, Stage
from statemachine.customer import (
    Activity,
    Attribute,
    Consent,
    Customer,
    Feedback,
    Former,
    Objection,
    Payroll,
    Reason,
    Relationship,
    Score,
)
from statemachine.person import WELL_KNOWN
from statemachine.products import PRODUCTS
from store.codec import Codec, decode_record, encode_record
from store.features import FLAGS
from store.port import StateTooNew
from store.rare import FIELDS, WORDS, appended_to
from store.rows import KINDS, LOST_BY, STAGES, VERSION, to_row
from tests.store.samples import FULL, NOON, TYPICAL, customers, record


@given(customers)
def test_a_customer_comes_back_as_it_was(customer: Customer) -> None:
    codec = Codec()
    assert codec.decode(codec.encode(customer)) == customer


@pytest.mark.parametrize("name", Customer.__struct_fields__)
def test_each_field_is_kept(name: str) -> None:
    codec = Codec()
    alone = msgspec.structs.replace(Customer(), **{name: getattr(FULL, name)})
    assert alone != Customer(), f"give FULL a value for {name} that is not its default"
    assert codec.decode(codec.encode(alone)) == alone


def test_the_codec_knows_each_field_of_a_customers_parts() -> None:
    """A part that grows needs a new version of rows, a migration, and a change here."""
    known: dict[type[msgspec.Struct], tuple[str, ...]] = {
        Activity: ("days", "first_day", "last_day", "bits", "last_at", "sign_at", "ring"),
        Relationship: (
            *("ref", "product", "starts_at", "ends_at", "as_of", "begun_at", "undone_at"),
            *("flag", "flagged_at"),
        ),
        Reason: ("since", "values"),
        Feedback: ("open", "resolved", "score", "score_at"),
        Score: ("millionths", "at"),
        Attribute: ("value", "told_at", "expires_on"),
        Objection: ("made", "told_at"),
        Consent: ("given", "told_at", "basis"),
        Payroll: ("months", "last_day", "ended_day"),
        Former: ("ref", "lost_by", "reasons"),
    }
    for part, fields in known.items():
        assert part.__struct_fields__ == fields


def test_every_name_of_a_stage_kind_or_way_of_losing_has_a_number() -> None:
    assert set(get_args(Stage)) == set(STAGES) - {None}
    assert set(get_args(Kind)) == set(KINDS) - {None}
    assert set(get_args(LostBy)) == set(LOST_BY) - {None}


def test_numbers_of_names_never_change() -> None:
    """Written out: stored rows hold these numbers."""
    assert STAGES == (None, "potential", "new", "active", "at_risk", "lost")
    assert LOST_BY == (None, "closure", "silence", "expired", "deceased")
    assert KINDS[:7] == (None, "entered", "adopted", "progressed", "expired", "activated", "warned")
    assert KINDS[7:] == ("recovered", "activated_late", "left", "won_back", "corrected")
    assert WORDS[:5] == (
        *("profiling", "marketing", "risk_appetite", "time_zone", "demographic_class"),
    )
    assert WORDS[5:8] == ("consent", "contract", "legal_obligation")
    assert WORDS[8:11] == ("legitimate_interest", "public_interest", "vital_interest")
    assert WORDS[11:17] == ("app", "branch", "call", "counter", "email", "mobile")
    assert WORDS[17:23] == ("phone", "post", "push", "sms", "web", "wechat")
    assert WORDS[23:27] == ("last_sign_of_life", "own_activity_days", "limit_days", "new_since")
    assert WORDS[27:30] == ("open_complaints", "oldest_filed_at", "score")
    assert WORDS[30:33] == ("last_own_day", "own_days_recently", "own_days_usually")
    assert WORDS[33:38] == ("mean", "peak", "peak_on", "repaid", "left_out")
    assert WORDS[38:41] == ("transferred", "last_transfer_on", "mean_before")
    assert WORDS[41:44] == ("last_salary_on", "months_running", "product")
    assert WORDS[44:] == ("ended_on", "dormant_accounts", "since")
    assert FLAGS == (None, "dormant", "frozen", "blocked", "in_arrears")
    assert PRODUCTS[:4] == ("current_account", "savings_account", "card", "payment")
    assert PRODUCTS[4:] == ("loan", "mortgage", "term_deposit", "wealth", "insurance")
    assert set(WORDS) >= WELL_KNOWN


def test_a_typical_customer_takes_230_bytes_or_less() -> None:
    assert len(Codec().encode(TYPICAL)) <= 230


def test_trailing_defaults_take_no_room() -> None:
    assert len(to_row(Customer())) == len(to_row(Customer(changes=1)))
    assert to_row(Customer())[-1] is not None
    assert len(Codec().encode(Customer())) < 20


def test_many_values_strung_together_are_read_in_one_pass() -> None:
    codec = Codec()
    stored = codec.encode(TYPICAL) + b"\xc0\xc0" + codec.encode(FULL)
    assert codec.decode_many(["a", "b", "c"], stored) == {"a": TYPICAL, "c": FULL}


@pytest.mark.parametrize("ids", [["a"], ["a", "b", "c"]])
def test_more_or_fewer_values_than_ids_are_an_error(ids: list[str]) -> None:
    codec = Codec()
    with pytest.raises(msgspec.DecodeError):
        codec.decode_many(ids, codec.encode(TYPICAL) * 2)


def test_a_state_of_a_newer_version_is_refused() -> None:
    newer = Codec(version=VERSION + 1)
    with pytest.raises(StateTooNew, match=f"version {VERSION + 1}"):
        Codec().decode(newer.encode(TYPICAL))
    with pytest.raises(StateTooNew):
        Codec().decode_many(["a"], newer.encode(TYPICAL))


def test_a_state_of_an_older_version_is_migrated_step_by_step() -> None:
    """Version 1 kept `changes` in tens, say, and version 2 lacked the bit of `hold`."""

    def changes_in_ones(row: list[Any]) -> list[Any]:
        row[3] *= 10
        return row

    def everybody_on_hold(row: list[Any]) -> list[Any]:
        row[0] |= 1 << 14
        return row

    later = Codec(version=3, migrations={1: changes_in_ones, 2: everybody_on_hold})
    migrated = msgspec.structs.replace(TYPICAL, changes=20, hold=True)
    assert later.decode(Codec(version=1).encode(TYPICAL)) == migrated
    assert later.decode_many(["a"], Codec(version=1).encode(TYPICAL)) == {"a": migrated}
    assert later.decode(Codec(version=2).encode(TYPICAL)).changes == TYPICAL.changes
    assert later.decode(later.encode(migrated)) == migrated


def test_what_version_1_wrote_is_read_for_ever() -> None:
    """Written out, place by place: a prospect, whose row ends where the defaults begin."""
    row = [1 | 1 << 6, 1_760_000_400, None, 1, 0, 1_750_000_000, None, 0, 0, 0, 0]
    prospect = Customer(
        stage="potential",
        kind="entered",
        since=NOON,
        effective_at=NOON,
        changes=1,
        first_seen=1_750_000_000_000,
        newcomer_since=1_750_000_000_000,
    )
    assert Codec().decode(bytes([1]) + msgspec.msgpack.encode(row)) == prospect
    assert to_row(prospect) == row


def test_the_wishes_and_attributes_of_version_1_are_read_as_told_before_anything_since() -> None:
    """Written out: version 1 kept what was objected to and each value, and no time of telling."""
    begin = [1 << 14, 1_760_000_400, None, 1, 0, 1_750_000_000]
    reasons = [0, 1_760_000_400, {"own_activity_days": 3}]
    row = [*begin, *[None] * 13, reasons, *[None] * 5, 21_000, ["marketing", "profiling"]]
    for attributes, known in (
        ([], {}),
        ([{"risk_appetite": "C3"}], {"risk_appetite": Attribute("C3", 0)}),
    ):
        stored = bytes([1]) + msgspec.msgpack.encode(row + attributes)
        found = Codec().decode(stored)
        assert found.reasons == {"silence": Reason(NOON, {"own_activity_days": 3})}
        assert found.hold
        assert found.minor_until == 21_000
        assert (found.hold_told_at, found.minor_told_at) == (None, None)
        assert found.objections == {p: Objection(True, 0) for p in ("marketing", "profiling")}
        assert found.objected == ("marketing", "profiling")
        assert found.attributes == known
        assert found.consents == {}
        assert Codec().decode(Codec().encode(found)) == found
        assert Codec().decode_many(["a"], stored) == {"a": found}


def test_what_version_2_wrote_is_read_for_ever() -> None:
    """Written out: it kept the family of a product, and a place for all that is rare."""
    places = [77, False, 1_760_000_400, None, None, 78, True, 1_760_000_400, None, None]
    row: list[Any] = [3, 1_760_000_400, None, 1, 0, 1_750_000_000, *[None] * 9, places]
    score = [812_345, 1_760_000_400]
    rare = [None, None, None, score, *[None] * 8, 20_000]
    row[7:12] = [0, 0, 0, 0, None]
    stored = bytes([2]) + msgspec.msgpack.encode([*row, None, None, None, *rare])
    found = Codec().decode(stored)
    assert [one.product for one in found.relationships] == [0, PRODUCTS.index("loan")]
    assert found.score == Score(812_345, NOON)
    assert found.joint_day == 20_000
    assert Codec().decode(Codec().encode(found)) == found


@pytest.mark.parametrize("place, ends_at", [(None, None), (1_760_000_401, NOON + 1000)])
def test_a_relationship_of_version_1_is_read_as_it_was(
    place: int | None, ends_at: int | None
) -> None:
    begin = [0, 0, None, 0, 0, 0, None, 0, 0, 0, 0, None, None, None, None]
    row = [*begin, [77, False, 1_760_000_400, place, None]]
    found = Codec().decode(bytes([1]) + msgspec.msgpack.encode(row))
    assert found.relationships == (Relationship(77, 0, NOON, ends_at, NOON),)


def test_the_end_of_what_was_opened_once_takes_two_bytes_more_than_its_time() -> None:
    row: Any = [
        to_row(Customer(relationships=(Relationship(1, 0, NOON, NOON + 1000, NOON, *more),)))
        for more in ((None, None), (NOON, None), (NOON, NOON + 1000))
    ]
    assert [each[15][3] for each in row] == [
        1_760_000_401,
        [1_760_000_401, True],
        [1_760_000_401, True, True],
    ]


def test_a_missing_migration_is_an_error() -> None:
    with pytest.raises(ValueError, match=f"no migration from version {VERSION} to {VERSION + 1}"):
        Codec(version=VERSION + 1).decode(Codec().encode(TYPICAL))


class Longer(Customer, frozen=True, array_like=True):
    """A customer of a later release, with fields appended."""

    families: tuple[str, ...] = ()
    tier: str | None = "mass"


def test_a_field_appended_to_customer_is_stored_after_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = Codec().encode(TYPICAL)
    monkeypatch.setattr("store.rare._APPENDED", appended_to(Longer))
    monkeypatch.setattr("store.rows.Customer", Longer)
    codec = Codec()
    values = {name: getattr(TYPICAL, name) for name in FIELDS}
    assert codec.encode(Longer(**values)) == plain
    assert codec.decode(plain) == Longer(**values)
    for more in ({"families": ("loan", "card")}, {"tier": None}, {"tier": "core"}):
        longer = Longer(**values, **more)
        assert codec.decode(codec.encode(longer)) == longer
    monkeypatch.undo()
    with pytest.raises(StateTooNew, match="does not know"):
        Codec().decode(codec_bytes_of_a_later_release())


def codec_bytes_of_a_later_release() -> bytes:
    row = [*to_row(FULL), 99, ["something new"]]
    return bytes([VERSION]) + msgspec.msgpack.encode(row)


def test_a_record_comes_back_as_it_was() -> None:
    plain = record(3)
    assert decode_record(encode_record(plain)) == plain


def test_a_record_of_a_newer_version_is_refused() -> None:
    stored = encode_record(record(3))
    with pytest.raises(StateTooNew):
        decode_record(bytes([stored[0] + 1]) + stored[1:])
