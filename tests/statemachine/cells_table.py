"""Every stage and everything that can come to it: what happens, written out by hand.

One line per input, one column per way to stand:

    none  not known            act  active                 clo  lost by closure
    pot   potential            sil  at risk: silent        sln  lost by silence, two days back
    new   new, two own days    com  at risk: a complaint   exp  lost: a prospect given up
                               nev  at risk: never active  dead

A dot: no move. Otherwise the stage moved to and the kind of move:

    P+ entered    N> progressed  A^ activated       R! warned   Lc left by closure   Le expired
    P> progressed N* won back    A~ activated late  Ra adopted  Ls left by silence   Ld deceased
                  Na adopted     A< recovered                   La adopted
                                 A* won back
                                 Aa adopted

`silent` customers (sil) have used the bank once since, 50 days ago; who is `new`, `nev` or `sln`
lacks one own activity day. What the inputs are: cells.py.
"""

from __future__ import annotations

CODES = {
    "P+": ("potential", "entered", None),
    "P>": ("potential", "progressed", None),
    "N>": ("new", "progressed", None),
    "N*": ("new", "won_back", None),
    "Na": ("new", "adopted", None),
    "A^": ("active", "activated", None),
    "A~": ("active", "activated_late", None),
    "A<": ("active", "recovered", None),
    "A*": ("active", "won_back", None),
    "Aa": ("active", "adopted", None),
    "R!": ("at_risk", "warned", None),
    "Ra": ("at_risk", "adopted", None),
    "La": ("lost", "adopted", "closure"),
    "Lc": ("lost", "left", "closure"),
    "Ls": ("lost", "left", "silence"),
    "Le": ("lost", "expired", "expired"),
    "Ld": ("lost", "left", "deceased"),
    "Pc": ("potential", "corrected", None),
    "Nc": ("new", "corrected", None),
    "Ac": ("active", "corrected", None),
    "Rc": ("at_risk", "corrected", None),
    "Xc": ("lost", "corrected", "closure"),
    "Xs": ("lost", "corrected", "silence"),
    "Xe": ("lost", "corrected", "expired"),
}

_TABLE = """
                                    none pot  new  act  sil  com  nev  clo  sln  exp  dead
transaction.posted customer         Aa   N>   A^   .    A<   .    A~   .    A*   N>   .
  joint owner                       Aa   N>   A^   .    A<   .    A~   .    A*   N>   .
  on an account never heard of      Aa   N>   A^   .    A<   .    A~   .    A*   N>   .
  by this party                     Aa   N>   A^   .    A<   .    A~   .    A*   N>   .
  by the other party                Aa   N>   .    .    .    .    .    .    .    N>   .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
  guardian                          .    .    .    .    .    .    .    .    .    .    .
  pending                           .    .    .    .    .    .    .    .    .    .    .
  authorised                        .    .    .    .    .    .    .    .    .    .    .
  held                              .    .    .    .    .    .    .    .    .    .    .
  rejected                          .    .    .    .    .    .    .    .    .    .    .
  void                              .    .    .    .    .    .    .    .    .    .    .
transaction.posted third_party      Aa   N>   .    .    .    .    .    .    .    N>   .
transaction.posted standing         Aa   N>   .    .    .    .    .    .    .    N>   .
transaction.posted bank             Aa   N>   .    .    .    .    .    .    .    N>   .
transaction.posted unknown          Aa   N>   .    .    .    .    .    .    .    N>   .
transaction.reversed                .    .    .    .    .    .    .    .    .    .    .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
balance.reported                    Aa   N>   .    .    .    .    .    .    .    N>   .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
prospect.registered walk_in         P+   .    .    .    .    .    .    .    .    P>   .
prospect.registered outreach        P+   .    .    .    .    .    .    .    .    P>   .
prospect.registered existing_book   P+   .    .    .    .    .    .    .    .    P>   .
interest.shown application          P+   .    .    .    .    .    .    .    .    P>   .
interest.shown quote                P+   .    .    .    .    .    .    .    .    P>   .
interest.shown enquiry              P+   .    .    .    .    .    .    .    .    P>   .
interest.shown visit                P+   .    .    .    .    .    .    .    .    P>   .
customer.referred                   .    .    .    .    .    .    .    .    .    .    .
account.opened                      N>   N>   .    .    .    .    .    N*   N*   N>   .
  joint owner                       N>   N>   .    .    .    .    .    N*   N*   N>   .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
  guardian                          .    .    .    .    .    .    .    .    .    .    .
  the one that there was            N>   N>   .    .    .    .    .    N*   .    N>   .
  a loan                            N>   N>   A^   .    .    .    A~   N*   N*A^ N>   .
  opened in 2019                    Aa   N>   .    .    .    .    .    N*   N*   N>   .
account.closed                      La   .    Lc   Lc   Lc   Lc   Lc   .    .    .    .
  another account                   La   .    .    .    .    .    .    .    .    .    .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
account.reopened                    Aa   N>   .    .    .    .    .    N*   .    N>   .
  another account                   Aa   N>   .    .    .    .    .    N*   N*   N>   .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
account.status-changed active       Aa   N>   .    .    .    .    .    .    .    N>   .
account.status-changed dormant      Ra   N>R! R!   R!   .    .    .    .    .    N>R! .
account.status-changed frozen       Aa   N>   .    .    .    .    .    .    .    N>   .
account.status-changed blocked      Aa   N>   .    .    .    .    .    .    .    N>   .
account.status-changed in_arrears   Aa   N>   .    .    .    .    .    .    .    N>   .
account.status-changed closed       La   .    Lc   Lc   Lc   Lc   Lc   .    .    .    .
account.snapshot open               Aa   N>   .    .    .    .    .    N*   .    N>   .
  opened within the window          Na   N>   .    .    .    .    .    N*   .    N>   .
  another account                   Aa   N>   .    .    .    .    .    N*   N*   N>   .
  closed                            La   .    Lc   Lc   Lc   Lc   Lc   .    .    .    .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
account.opening-undone              .    .    Pc   Pc   Pc   Pc   Pc   .    .    .    .
account.closing-undone              Aa   N>   .    .    .    .    .    Ac   .    N>   .
product.subscribed                  N>   N>   A^   .    .    .    A~   N*   N*A^ N>   .
  authorised user                   .    .    .    .    .    .    .    .    .    .    .
product.matured                     Aa   .    .    .    .    .    .    .    .    .    .
product.renewed                     Aa   N>   .    .    .    .    .    N*   N*   N>   .
loan.arrears-changed clean          Aa   N>   A^   .    .    .    A~   .    .    N>   .
loan.arrears-changed arrears        Aa   N>   A^   .    .    .    A~   .    .    N>   .
loan.arrears-changed default        Aa   N>   A^   .    .    .    A~   .    .    N>   .
payroll.ended                       .    .    .    .    .    .    .    .    .    .    .
consent.changed granted             .    .    .    .    .    .    .    .    .    .    .
consent.changed withdrawn           .    .    .    .    .    .    .    .    .    .    .
objection.changed made              .    .    .    .    .    .    .    .    .    .    .
objection.changed withdrawn         .    .    .    .    .    .    .    .    .    .    .
feedback.received complaint         .    .    R!   R!   .    .    .    .    .    .    .
feedback.received bad score         .    .    R!   R!   .    .    .    .    .    .    .
feedback.received good score        .    .    .    .    .    .    .    .    .    .    .
feedback.resolved                   .    .    .    .    .    A<   .    .    .    .    .
customer.interacted login           .    .    .    .    .    .    .    .    .    .    .
customer.interacted branch          .    .    .    .    .    .    .    .    .    .    .
customer.interacted call            .    .    .    .    .    .    .    .    .    .    .
customer.interacted adviser         .    .    .    .    .    .    .    .    .    .    .
customer.scored high                .    .    R!   R!   .    .    .    .    .    .    .
customer.scored between             .    .    .    .    .    .    .    .    .    .    .
customer.scored low                 .    .    .    .    .    .    .    .    .    .    .
customer.attribute-set              .    .    .    .    .    .    .    .    .    .    .
customer.status-changed deceased    Ld   Ld   Ld   Ld   Ld   Ld   Ld   Ld   Ld   Ld   .
customer.status-changed hold        .    .    .    .    .    .    .    .    .    .    .
customer.status-changed hold_lifted .    .    .    .    .    .    .    .    .    .    .
customer.status-changed minor       .    .    .    .    .    .    .    .    .    .    .
customer.status-changed merged      .    .    .    .    .    .    .    .    .    .    .
after a complaint, any opening      N>R! N>R! R!   R!   .    .    .    N*R! N*R! N>R! .
after a complaint, a snapshot       Ra   N>R! R!   R!   .    .    .    N*R! N*R! N>R! .
after an opening undone, activity   .    .    Pc   Pc   Pc   Pc   Pc   .    .    .    .
after an opening undone, an opening N>   N>   PcN> PcN> PcN> PcN>R! PcN> N*   N*   N>   .
after an opening undone, a closing  La   .    Pc   Pc   Pc   Pc   Pc   .    .    .    .
after a closing undone, activity    Aa   N>A^ A^   .    A<   .    A~   Ac   A*   N>A^ .
after a closing undone, a closing   AaLc N>Lc Lc   Lc   Lc   Lc   Lc   AcLc .    N>Lc .
after a closing, it is undone        LaAc N>   LcNc LcAc LcRc LcRc LcRc Ac   .    N>   .
after an opening, it is undone      N>Pc N>Pc .    .    .    .    .    N*Xc N*Xs N>Xe .
after its three days, it is undone  N>A^Pc N>A^Pc A^ .  A<   .    A~   N*A^Xc N*A^ N>A^Xe .
after a complaint, it is undone     N>R!Pc N>R!Pc R! R! .    .    .    N*R!Xc N*R!Xs N>R!Xe .
late evidence, before the warning   Aa   N>   .    .    Ac   .    Ac   .    A*   N>   .
late evidence, before the loss      Aa   N>   .    .    .    .    .    .    RcA< N>   .
late evidence, of a short silence   .    .    R!Nc R!Ac .    .    .    .    .    .    .
due: the onboarding window          .    .    R!   .    .    .    .    .    .    .    .
due: silence                        .    .    R!   R!   .    .    .    .    .    .    .
due: lost                           .    .    R!Ls R!Ls Ls   Ls   Ls   .    .    .    .
due: after an opening undone        .    .    .    .    .    .    .    .    .    .    .
due: a prospect's limit             .    Le   .    .    .    .    .    .    .    .    .
due: the end of a maturity's grace  Lc   .    Lc   Lc   Lc   Lc   Lc   .    .    .    .
due: a bad score wears off          .    .    .    A<   .    .    .    .    .    .    .
due: a complaint's quiet period     .    .    .    R!   .    .    .    .    .    .    .
due: a score's quiet period         .    .    .    R!   .    .    .    .    .    .    .
"""


def _cells() -> dict[tuple[str, str], list[str]]:
    """(input, column) -> the codes of the moves expected, in order."""
    header, *lines = _TABLE.strip("\n").splitlines()
    columns = header.split()
    found = {}
    parent = ""
    for line in lines:
        label, cells = line[:36].rstrip(), line[36:].split()
        if label.startswith("  "):
            label = f"{parent}: {label.strip()}"
        else:
            parent = label
        for column, cell in zip(columns, cells, strict=True):
            codes = [] if cell == "." else [cell[at : at + 2] for at in range(0, len(cell), 2)]
            assert (label, column) not in found, label
            found[label, column] = codes
    return found


CELLS = _cells()
COLUMNS = tuple(dict.fromkeys(column for _, column in CELLS))
INPUTS = tuple(dict.fromkeys(label for label, _ in CELLS))
