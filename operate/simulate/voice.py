"""What customers say and what the bank thinks of them: interest, consent, complaints, scores."""

from __future__ import annotations

from functools import partial

from operate.simulate.almanac import DAY, Day
from operate.simulate.life import MONTHLY, Life
from operate.simulate.script import Complaint

_DEMOGRAPHIC = {
    "office_worker": "employed",
    "young_mobile": "young",
    "family": "family",
    "shopkeeper": "self_employed",
    "retiree": "retired",
    "student": "student",
    "second_bank": "employed",
}


def turn_up(life: Life, _today: Day, second: int) -> None:
    """A prospect is registered, or shows interest by themselves."""
    dice = life.dice
    if dice.chance(0.6):
        origin = dice.pick(((0.6, "outreach"), (0.4, "walk_in")))
        life.tell(second, "prospect.registered", origin=origin)
        if dice.chance(0.4):
            life.tell(
                second + 300, "interest.shown", kind="enquiry", product_type="current_account"
            )
    else:
        ask(life, _today, second)


def ask(life: Life, _today: Day, second: int) -> None:
    """Somebody without a relationship shows interest."""
    kind = life.dice.pick(((0.5, "application"), (0.3, "enquiry"), (0.2, "quote")))
    life.tell(second, "interest.shown", kind=kind, product_type="current_account", channel="mobile")


def apply(life: Life, _today: Day, second: int) -> None:
    """The application that precedes an opening by a day or so."""
    life.tell(
        second,
        "interest.shown",
        kind="application",
        product_type="current_account",
        channel="branch",
    )


def welcome(life: Life, second: int) -> None:
    """What is asked when somebody becomes a customer: consent, and what kind of person."""
    granted = life.dice.chance(0.7)
    consent(life, second, granted=granted)
    if life.dice.chance(0.5):
        value = _DEMOGRAPHIC[life.script.persona.name]
        life.tell(second + 30, "customer.attribute-set", attribute="demographic_class", value=value)


def consent(life: Life, second: int, *, granted: bool) -> None:
    """Consent to marketing, or its refusal; who refuses sometimes objects to profiling too."""
    basis = "consent" if granted else "withdrawn"
    life.tell(second, "consent.changed", purpose="marketing", granted=granted, legal_basis=basis)
    if not granted and life.dice.chance(0.05):
        life.tell(second + 5, "objection.changed", purpose="profiling", objected=True)


def complain(complaint: Complaint, life: Life, _today: Day, second: int) -> None:
    """A complaint is filed."""
    if life.dead:
        return
    life.complaints += 1
    feedback = f"F{life.script.number:06d}{life.complaints:02d}"
    life.tell(second, "feedback.received", feedback_id=feedback, kind="complaint")
    if complaint.settled is not None:
        life.plan(complaint.settled, partial(_settle, feedback))


def _settle(feedback: str, life: Life, _today: Day, second: int) -> None:
    life.tell(second, "feedback.resolved", feedback_id=feedback)


def rate(score: int, life: Life, _today: Day, second: int) -> None:
    """A satisfaction survey is answered."""
    if life.account is not None and not life.dead:
        life.complaints += 1
        feedback = f"F{life.script.number:06d}{life.complaints:02d}"
        life.tell(second, "feedback.received", feedback_id=feedback, kind="score", score=score)


def refer(newcomer: str, life: Life, _today: Day, second: int) -> None:
    """This customer has brought somebody to the bank."""
    if life.account is not None and not life.away:
        life.tell(second, "customer.referred", referred_customer_id=newcomer)


def start_scoring(life: Life, today: Day) -> None:
    """From now on the bank's churn model looks at the customer once a month."""
    life.last_score = None
    day = today.number + life.dice.between(5, 30)
    life.plan_while_open(day * DAY + 12_000 + life.dice.between(0, 3_600), score, MONTHLY)


def score(life: Life, today: Day, second: int) -> None:
    """The model's view in hundredths: noisy, better than chance, told when it has moved."""
    if life.dead or not life.accounts:
        return
    noise = int(24 * (life.dice.random() - 0.5) + 12 * (life.dice.random() - 0.5))
    value = min(99, max(1, life.base_score + _danger(life, today.number) + noise))
    last = life.last_score
    if last is None or abs(value - last) >= 9:
        life.last_score = value
        life.tell(
            second,
            "customer.scored",
            model="churn-gbm",
            model_version="4",
            score=f"0.{value:02d}",
        )


def _danger(life: Life, day: int) -> int:
    scare = life.script.scare
    if scare is not None and scare[0] <= day * DAY < scare[1]:
        return 68
    absence = life.absence
    if absence is None:
        return 0
    if life.away:
        return 60 if absence.why is not None else 50 if absence.foreseen else 15
    ahead = absence.at // DAY - day
    if absence.foreseen and ahead < 80:
        return 72 - ahead * 72 // 80
    return 0
