"""Products beside the accounts: taken out, in arrears, matured, renewed, paid back."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from operate.simulate.almanac import DAY, Day, moment_text
from operate.simulate.ledger import DEBTS, Account, money, product_ref
from operate.simulate.life import MONTHLY, Life
from operate.simulate.personas import INSTALMENT, INVEST, LOAN_PAID_OUT, REPAID, REPAY
from operate.simulate.script import Contract


def _take_out(life: Life, contract: Contract, cents: int) -> Account:
    life.subscribed += 1
    product = Account(product_ref(life.script.number, life.subscribed), contract.kind, cents)
    life.products[product.ref] = product
    return product


def introduce_contract(start: date, life: Life, second: int, contract: Contract) -> None:
    """A product taken out before the plan, shown by a snapshot under its own reference."""
    ref = _take_out(life, contract, contract.yuan * 100).ref
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
    if contract.repaid is not None:
        life.plan_while_open(contract.repaid, partial(_repay, ref))
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
        cents = min(cents, account.free * contract.most_percent // 100)
        if cents < 100_000:
            return
        life.post(today, second, account, INVEST, cents, channel="mobile")
    life.report_balance(today, account)
    ref = _take_out(life, contract, cents).ref
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


def invest(life: Life, today: Day, second: int, cents: int) -> None:
    """Idle money goes into the wealth product held here, or into a new one."""
    wealth = next((one for one in life.products.values() if one.kind == "wealth"), None)
    if wealth is None:
        at = today.number * DAY + second
        idle = Contract(at, "wealth", 365, cents // 100, renews=True, most_percent=100)
        subscribe(idle, life, today, second)
    elif life.account is not None:
        life.post(today, second, life.account, INVEST, cents, channel="mobile")
        wealth.balance += cents
        life.report_balance(today, wealth)
        life.report_balance(today, life.account)


def _pay_instalment(ref: str, life: Life, today: Day, second: int) -> None:
    account, loan = life.account, life.products.get(ref)
    if account is not None and loan is not None and not life.dead:
        cents = min(INSTALMENT.low * 100 + loan.balance // 40, loan.balance)
        if account.free > cents > 0 and not life.stopped:
            life.post(today, second, account, INSTALMENT, cents)
            loan.balance -= cents


def _repay(ref: str, life: Life, today: Day, second: int) -> None:
    """The loan is paid back at once, as far as the money goes."""
    account, loan = life.account, life.products.get(ref)
    if account is None or loan is None or life.away or life.dead:
        return
    cents = min(loan.balance, account.free * 9 // 10)
    life.post(today, second, account, REPAY, cents)
    life.report_balance(today, account)
    loan.balance -= cents
    if loan.balance:
        life.report_balance(today, loan)
    else:
        del life.products[ref]
        life.tell_of(loan, second + 30, "account.closed", reason="repaid")


def redeem_all(life: Life, today: Day, second: int) -> None:
    """Whoever closes everything closes the products too."""
    for product in life.products.values():
        if product.kind not in DEBTS and life.account is not None:
            life.post(today, second, life.account, REPAID, product.balance)
        life.tell_of(product, second, "account.closed", reason="redeemed")
    life.products.clear()


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
    if contract.renews and _is_there(life):
        when = (today.number + life.dice.between(0, 6)) * DAY + life.dice.between(34_000, 60_000)
        life.plan(when, partial(_renew, contract, ref))
        return
    _pay_back(contract, ref, life, today, second + 60)


def _is_there(life: Life) -> bool:
    has_account = life.account is not None or not life.script.everyday
    return has_account and not life.away and not life.dead


def _pay_back(contract: Contract, ref: str, life: Life, today: Day, second: int) -> None:
    cents = life.products.pop(ref).balance
    if contract.kind in ("term_deposit", "wealth") and life.account is not None:
        life.post(today, second, life.account, REPAID, cents + cents // 100)
        life.report_balance(today, life.account)


def _renew(contract: Contract, ref: str, life: Life, today: Day, second: int) -> None:
    if ref not in life.products:
        return
    if not _is_there(life):
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
