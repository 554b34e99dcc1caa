"""The raw files as events: what must be there is there, and says what the files say."""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operate.simulate.records import FeedRecord
from statemachine.policy_file import default_policy
from tests.real_logs.berka import LAST_DAY, feed_counting_everything
from tests.real_logs.figures import initiators
from tests.real_logs.logs import RealLog
from tests.real_logs.places import NotHereError, berka_folder, missing


def bodies(records: Iterable[FeedRecord], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [json.loads(record.value) for record in records]
    return [body for body in found if body["type"] == kind]


def pauses(postings: Iterable[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """Days between an owner's days, and from the last one to the end of the log."""
    days: dict[str, set[date]] = {}
    for body in postings:
        if body["role"] == "owner" and body["initiator"] == "customer":
            day = date.fromisoformat(body["occurred_at"][:10])
            days.setdefault(body["customer_id"], set()).add(day)
    ended = [
        (after - before).days
        for own in days.values()
        for before, after in zip(sorted(own), sorted(own)[1:], strict=False)
    ]
    return ended, [(LAST_DAY - max(own)).days for own in days.values()]


def at_least(days: int, found: list[int]) -> int:
    return sum(pause >= days for pause in found)


def test_every_posting_of_the_bank_has_the_initiator_that_its_codes_tell(
    berka_log: RealLog,
) -> None:
    assert initiators(berka_log.records) == {
        "bank": 9_463 + 5_445 + 64,
        "standing": 6_343,
        "third_party": 3_772,
        "customer": 24_015,
    }


def test_the_pauses_in_own_activity_are_those_known_of_the_log(berka_log: RealLog) -> None:
    ended, still_open = pauses(bodies(berka_log.records, "transaction.posted"))
    assert [at_least(days, ended) for days in (60, 90, 180)] == [319, 259, 36]
    assert ended.count(90) == 14
    assert [at_least(days, still_open) for days in (60, 90, 180)] == [106, 56, 2]


def test_counting_everything_there_are_next_to_no_pauses(berka_log: RealLog) -> None:
    everything = feed_counting_everything(berka_log.path)
    assert initiators(everything) == {"customer": 49_102}
    ended, _ = pauses(bodies(everything, "transaction.posted"))
    assert at_least(60, ended) == 5


def test_the_bank_has_one_customer_per_account_and_its_authorised_users_are_none(
    berka_log: RealLog,
) -> None:
    opened = bodies(berka_log.records, "account.opened")
    owners = {body["customer_id"] for body in opened if body["role"] == "owner"}
    authorised = {body["customer_id"] for body in opened if body["role"] == "authorised"}
    assert len(owners) == len({body["account_ref"] for body in opened}) == 1_229
    assert len(authorised) == 260
    assert not owners & authorised
    assert berka_log.told.outputs.keys() == owners
    assert all(berka_log.told.states[name].stage is None for name in authorised)


def test_the_amounts_of_the_bank_are_those_of_the_file(berka_log: RealLog) -> None:
    [(credit, debit)] = berka_log.oracle.rows(
        "select sum(amount::decimal(18, 2)) filter (where type = 'PRIJEM'),"
        " sum(amount::decimal(18, 2)) filter (where type <> 'PRIJEM') from trans"
    )
    told = {"credit": Decimal(0), "debit": Decimal(0)}
    for body in bodies(berka_log.records, "transaction.posted"):
        if body["role"] == "owner":
            told[body["direction"]] += Decimal(body["amount"])
    assert told == {"credit": credit, "debit": debit}


def test_the_shop_has_every_purchase_of_the_file(cdnow_log: RealLog) -> None:
    posted = bodies(cdnow_log.records, "transaction.posted")
    opened = bodies(cdnow_log.records, "account.opened")
    assert len(posted) == 69_659
    assert len({body["customer_id"] for body in posted}) == len(opened) == 23_570
    [(total,)] = cdnow_log.oracle.rows(
        r"select sum(regexp_extract(line, '([0-9.]+)\s*$', 1)::decimal(18, 2)) from purchase"
    )
    assert sum(Decimal(body["amount"]) for body in posted) == total


@pytest.mark.parametrize("name", ["berka_log", "cdnow_log"])
def test_the_policy_is_the_shipped_one_but_for_zone_and_rules_without_events(
    name: str, request: pytest.FixtureRequest
) -> None:
    log: RealLog = request.getfixturevalue(name)
    shipped, own = default_policy().model_dump(), log.policy.model_dump()
    for policy in (shipped, own):
        del policy["name"], policy["zone"]
    rules, shipped_rules = own.pop("rules"), shipped.pop("rules")
    assert own == shipped
    assert set(rules) == {"silence", "not_onboarded"}
    assert all(rules[name] == shipped_rules[name] for name in rules)


def test_without_the_log_a_test_is_skipped_at_a_desk_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TENURE_SHARED_DATA", str(tmp_path))
    with pytest.raises(NotHereError, match="TENURE_SHARED_DATA") as reason:
        berka_folder()
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="TENURE_SHARED_DATA"):
        missing(reason.value)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="TENURE_SHARED_DATA"):
        missing(reason.value)
