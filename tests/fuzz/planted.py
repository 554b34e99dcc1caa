"""Bugs that somebody could write, to be put into the product one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from consumer import dead_letters, execute, share
from consumer import decode as decoding
from consumer.decode import Decoded, decode
from consumer.execute import _Share
from consumer.judge import Judge
from consumer.postings import Posting, read_posting
from consumer.records import InputRecord
from consumer.rejection import Rejected
from consumer.share import Share
from schemas.events import CustomerErased, PayrollEnded
from statemachine import activity, relationships
from statemachine.customer import Customer
from statemachine.fold import Decided, decide
from store.rows import to_row

Plant = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, Plant] = {}


def bug(plant: Plant) -> Plant:
    BUGS[plant.__name__] = plant
    return plant


def _type_unknown_to_the_code(record: InputRecord, *limits: Any) -> Decoded | Rejected:
    found = decode(record, *limits)
    if isinstance(found, Decoded) and isinstance(found.event, PayrollEnded):
        raise KeyError(found.event.type)
    return found


@bug
def the_decoder_raises_for_one_type(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("consumer.judge.decode", _type_unknown_to_the_code)


@bug
def a_header_that_is_no_text_ends_the_worker(patch: pytest.MonkeyPatch) -> None:
    def named(headers: Any) -> dict[str, str]:
        return {name.lower(): raw.decode() for name, raw in headers if raw is not None}

    patch.setattr("schemas.cloudevents._by_name", named)


@bug
def the_short_way_accepts_a_currency_that_the_model_refuses(patch: pytest.MonkeyPatch) -> None:
    def lenient(value: bytes) -> Posting | None:
        return read_posting(re.sub(rb'"currency": ?"[^"]*"', b'"currency":"CNY"', value))

    patch.setattr("consumer.decode.read_posting", lenient)


@bug
def the_short_way_reads_another_value(patch: pytest.MonkeyPatch) -> None:
    def careless(value: bytes) -> Posting | None:
        found = read_posting(value)
        return found and msgspec.structs.replace(found, role="owner")

    patch.setattr("consumer.decode.read_posting", careless)


@bug
def a_tombstone_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    inputs = Share.inputs

    def without(self: Share, judge: Judge) -> Iterator[Decoded | Rejected]:
        for item in inputs(self, judge):
            if not (isinstance(item, Rejected) and item.reason == "tombstone"):
                yield item

    patch.setattr(Share, "inputs", without)


@bug
def a_good_record_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    inputs = Share.inputs

    def without(self: Share, judge: Judge) -> Iterator[Decoded | Rejected]:
        for item in inputs(self, judge):
            if not (isinstance(item, Decoded) and item.event.type == "consent.changed"):
                yield item

    patch.setattr(Share, "inputs", without)


@bug
def one_reason_has_no_dead_letter(patch: pytest.MonkeyPatch) -> None:
    finish = _Share.finish

    def quiet(self: _Share) -> Any:
        refused = self.outcome.refused
        self.outcome.refused = [one for one in refused if one.reason != "key_mismatch"]
        return finish(self)

    patch.setattr(_Share, "finish", quiet)


@bug
def a_dead_letter_is_text(patch: pytest.MonkeyPatch) -> None:
    def text(settings: Any, refused: Rejected) -> Any:
        letter = dead_letters.dead_letter(settings, refused)
        value = letter.value and letter.value.decode(errors="replace").encode()
        return replace(letter, value=value)

    patch.setattr(share, "dead_letter", text)


@bug
def a_dead_letter_names_another_offset(patch: pytest.MonkeyPatch) -> None:
    def beside(settings: Any, refused: Rejected) -> Any:
        record = msgspec.structs.replace(refused.record, offset=refused.record.offset + 1)
        return dead_letters.dead_letter(
            settings, Rejected(record, refused.reason, refused.detail, refused.remedy)
        )

    patch.setattr(share, "dead_letter", beside)


@bug
def a_refusal_repeats_whatever_an_id_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        decoding,
        "reject",
        lambda record, reason, detail, _=None: Rejected(record, reason, detail, "x"),
    )


@bug
def a_hold_is_not_stored(patch: pytest.MonkeyPatch) -> None:

    def row(customer: Customer) -> list[Any]:
        return to_row(msgspec.structs.replace(customer, hold=False))

    patch.setattr("store.codec.to_row", row)


@bug
def the_fold_cannot_count_before_1970(patch: pytest.MonkeyPatch) -> None:
    add = activity.add_sign

    def unsigned(known: Any, at: int) -> Any:
        at.to_bytes(8, "big")
        return add(known, at)

    patch.setattr(activity, "add_sign", unsigned)


@bug
def a_customer_is_remembered_without_bounds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(relationships, "MOST", 1_000_000)


@bug
def the_fold_is_not_told_the_clock(patch: pytest.MonkeyPatch) -> None:
    def timeless(*given: Any, **named: Any) -> Decided:
        return decide(*given, **{**named, "clock": None})

    patch.setattr(execute, "decide", timeless)


@bug
def an_erased_customer_stays(patch: pytest.MonkeyPatch) -> None:
    control = _Share.control

    def kept(self: _Share, item: Decoded) -> None:
        if not isinstance(item.event, CustomerErased):
            control(self, item)

    patch.setattr(_Share, "control", kept)


@bug
def the_store_keeps_what_is_written_first(patch: pytest.MonkeyPatch) -> None:
    def first(self: Any, customers: Mapping[str, Any]) -> None:
        for name, write in customers.items():
            if write.customer is not None:
                self._states.setdefault(name, write.customer)

    patch.setattr("consumer.known.Known.written", first)
