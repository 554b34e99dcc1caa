"""The pages for bankers in docs/domain, in English and Chinese.

`python -m operate.pages` writes them, with --check it says which are not fresh. Names, numbers and
moves come from the policy and the move table; every example is a small life that really goes
through the fold. What only a person can say is in texts/, one file for each rule and stage.
"""
