"""A simulated core banking feed: seeded, realistic, and dirty on request.

    plan = Plan(customers=2_000, days=730, seed=1)
    write_file(Path("feed.jsonl.gz"), simulate(plan))
    write_truth(Path("truth.jsonl"), truth(plan))

or, to a broker, `broker.send("localhost:9092", simulate(plan), partitions=4)`.

How it is built: casting.py draws each customer's hidden script (script.py) from the fates in
fates.py, drifting.py and newcomers.py (fortunes.py says how common each is), from kin.py (couples,
children), narrow.py (a mortgage or deposit alone) and undone.py (what the core takes back);
confession.py tells the truth in it. people.py turns the script into a life with an agenda
(life.py, ledger.py); the acts on the agenda are in money.py, dealings.py, partings.py,
contracts.py, payroll.py and voice.py; household.py lets people who share accounts live together;
feed.py lets everybody live day by day and puts what they tell into arrival order; dirt.py spoils
it.
"""

from operate.simulate.almanac import ZONE
from operate.simulate.dirt import A_LITTLE, DELAYS, MALFORMED, ONLY_THE_KEY, Dirt
from operate.simulate.feed import Plan, simulate, truth
from operate.simulate.files import Written, write_file, write_truth
from operate.simulate.records import ACCOUNTS, TRANSACTIONS, FeedRecord

__all__ = [
    "ACCOUNTS",
    "A_LITTLE",
    "DELAYS",
    "MALFORMED",
    "ONLY_THE_KEY",
    "TRANSACTIONS",
    "ZONE",
    "Dirt",
    "FeedRecord",
    "Plan",
    "Written",
    "simulate",
    "truth",
    "write_file",
    "write_truth",
]
