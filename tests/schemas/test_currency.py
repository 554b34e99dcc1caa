import json
import re

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.currency import CURRENCIES, CURRENT, WITHDRAWN, Currency

CURRENCY = TypeAdapter[str](Currency)


def test_every_code_is_three_capital_letters_once_and_in_order() -> None:
    assert all(re.fullmatch("[A-Z]{3}", code) for code in CURRENCIES)
    assert list(CURRENCIES) == sorted(set(CURRENCIES))
    assert not set(CURRENT) & set(WITHDRAWN)


@pytest.mark.parametrize("code", ["CNY", "CZK", "EUR", "USD", "XAU", "XCG"])
def test_a_currency_in_use_is_accepted(code: str) -> None:
    assert CURRENCY.validate_json(json.dumps(code)) == code


@pytest.mark.parametrize("code", ["HRK", "BGN"])
def test_a_currency_withdrawn_lately_is_accepted_because_history_is_read_again(code: str) -> None:
    assert CURRENCY.validate_json(json.dumps(code)) == code


@pytest.mark.parametrize("code", ["RMB", "cny", "CNY ", "XXX", "XTS", "DEM", "", "EURO", 156, None])
def test_anything_else_is_refused_by_name(code: object) -> None:
    with pytest.raises(ValidationError) as refused:
        CURRENCY.validate_json(json.dumps(code))
    assert refused.value.errors()[0]["type"] == "unknown_currency"
