"""Products beside the accounts: taken out, in arrears, matured, renewed, paid back."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from operate.simulate.almanac import DAY, Day, moment_text
from operate.simulate.life import MONTHLY, Life, money
from operate.simulate.personas import INSTALMENT, INVEST, LOAN_PAID_OUT, REPAID
from operate.simulate.script import Contract


def _product_ref(life: Life, contract: Contract) -> str:
    serial = life.script.contracts.index(contract) + 1
    return f"core:bank1:product:{life.script.number:06d}{serial:02d}"


def introduce_contract(start: date, life: Life, second: int, contract: Contract) -> None:
    """A product taken out before the plan, shown by a snapshot under its own reference."""
    ref = _product_ref(life, contract)
    life.products[ref] = contract.yuan * 100
    life.tell(
        second + 1,
        "account.snapshot",
        account_ref=ref,
        role="owner",
        product_type=contract.kind,
        status="active",
        opened_on=moment_text(start, contract.at)[:10],
        balance=f"{contract.yuan}.00",
        currency="CNY",
    )
    _plan_term(life, contract, ref, contract.at)


def _plan_term(life: Life, contract: Contract, ref: str, begins: int) -> None:
    ends = (begins // DAY + contract.days) * DAY + 7_200
    life.plan(ends, partial(_mature, contract, ref))
    if contract.kind == "loan":
        month = 30 * DAY
        first = begins + month * max(1, -(begins // month))
        life.plan_while_open(first, partial(_pay_instalment, ref), MONTHLY)
    if contract.arrears is not None:
        life.plan_while_open(contract.arrears * DAY + 9_000, partial(_miss_instalment, ref))


def subscribe(contract: Contract, life: Life, today: Day, second: int) -> None:
    """The customer takes a product, if they are there and it can be paid."""
    account = life.account
    if account is None or life.away or life.dead:
        return
    cents = contract.yuan * 100
    if contract.kind == "loan":
        life.post(today, second, account, LOAN_PAID_OUT, cents)
    else:
        cents = min(cents, account.free // 2)
        if cents < 100_000:
            return
        life.post(today, second, account, INVEST, cents, channel="mobile")
    ref = _product_ref(life, contract)
    life.products[ref] = cents
    ends = date.fromisoformat(today.iso) + timedelta(days=contract.days)
    life.tell(
        second + 5,
        "product.subscribed",
        product_ref=ref,
        role="owner",
        product_type=contract.kind,
        amount=money(cents),
        currency="CNY",
        matures_on=ends.isoformat(),
    )
    if contract.kind == "wealth":
        expires = ends + timedelta(days=365)
        life.tell(
            second,
            "customer.attribute-set",
            attribute="risk_appetite",
            value=f"C{life.dice.between(1, 5)}",
            expires_on=expires.isoformat(),
        )
    _plan_term(life, contract, ref, today.number * DAY)


def _pay_instalment(ref: str, life: Life, today: Day, second: int) -> None:
    account = life.account
    if account is not None and ref in life.products and not life.dead:
        cents = INSTALMENT.low * 100 + life.products[ref] // 40
        if account.free > cents:
            life.post(today, second, account, INSTALMENT, cents)


def _miss_instalment(ref: str, life: Life, today: Day, second: int) -> None:
    """An instalment is missed, and paid some weeks later."""
    if ref in life.products:
        life.tell(
            second,
            "loan.arrears-changed",
            product_ref=ref,
            role="owner",
            conduct="arrears",
            days_past_due=5,
        )
        later = (today.number + life.dice.between(10, 45)) * DAY + second
        life.plan_while_open(later, partial(_clear_arrears, ref))


def _clear_arrears(ref: str, life: Life, _today: Day, second: int) -> None:
    if ref in life.products:
        life.tell(second, "loan.arrears-changed", product_ref=ref, role="owner", conduct="clean")


def _mature(contract: Contract, ref: str, life: Life, today: Day, second: int) -> None:
    """The term is over: renewed by the customer in the next days, or paid back."""
    if ref not in life.products:
        return
    life.tell(second, "product.matured", product_ref=ref, role="owner")
    if contract.renews and not life.away and life.account is not None:
        when = (today.number + life.dice.between(0, 6)) * DAY + life.dice.between(34_000, 60_000)
        life.plan(when, partial(_renew, contract, ref))
        return
    _pay_back(contract, ref, life, today, second + 60)


def _pay_back(contract: Contract, ref: str, life: Life, today: Day, second: int) -> None:
    cents = life.products.pop(ref)
    if contract.kind in ("term_deposit", "wealth") and life.account is not None:
        life.post(today, second, life.account, REPAID, cents + cents // 100)


def _renew(contract: Contract, ref: str, life: Life, today: Day, second: int) -> None:
    if life.away or life.dead or life.account is None:
        _pay_back(contract, ref, life, today, second)
        return
    ends = date.fromisoformat(today.iso) + timedelta(days=contract.days)
    life.tell(
        second,
        "product.renewed",
        product_ref=ref,
        role="owner",
        product_type=contract.kind,
        matures_on=ends.isoformat(),
    )
    life.plan((today.number + contract.days) * DAY + 7_200, partial(_mature, contract, ref))
