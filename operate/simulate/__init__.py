"""A simulated core banking feed: seeded, realistic, and dirty on request.

    plan = Plan(customers=2_000, days=730, seed=1)
    write_file(Path("feed.jsonl.gz"), simulate(plan))
    write_truth(Path("truth.jsonl"), truth(plan))

or, to a broker, `broker.send("localhost:9092", simulate(plan), partitions=4)`.

How it is built: casting.py draws each customer's hidden script (script.py) from the fates in
fates.py and newcomers.py; people.py turns the script into a life with an agenda (life.py); the
acts on the agenda are in money.py, dealings.py, contracts.py and voice.py; feed.py lets everybody
live day by day and puts what they tell into arrival order; dirt.py spoils it.
"""

from operate.simulate.almanac import ZONE
from operate.simulate.dirt import A_LITTLE, MALFORMED, ONLY_THE_KEY, Dirt
from operate.simulate.feed import Plan, simulate, truth
from operate.simulate.files import Written, write_file, write_truth
from operate.simulate.records import ACCOUNTS, TRANSACTIONS, FeedRecord

__all__ = [
    "ACCOUNTS",
    "A_LITTLE",
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
