"""`tenure demo`: two simulated years of a bank through real servers and a real worker process.

stage.py    the servers, the topics, the policy and the worker: what a bank would run
play.py     the feed goes in, the worker is followed until everything is decided
result.py   what was decided, read back from the topic as any subscriber would
judged.py   the calls at risk against the truth that only the simulation knows
picture.py  the tables and the stories
"""
