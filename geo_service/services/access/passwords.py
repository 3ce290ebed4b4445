"""Passwords: how they are kept, and which are refused.

After NIST SP 800-63B in manner: length instead of rules on kinds of characters, no change without
a reason, nothing that is easily guessed. The figures are ours.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo_service.errors import InputError
from geo_service.lexicons import read_table
from geo_service.resources import data_dir

SHORTEST = 12
LONGEST = 128
_LEFT = 6
"""Characters that must be left once what is easily guessed is taken out; ours."""
_DISTINCT = 5
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread
_hasher = PasswordHasher()
_turns = BoundedSemaphore(2)
"""Each hash takes 64 MiB: a rush of sign-ins must wait rather than fill the memory."""


def _canonical(password: str) -> str:
    """The same password however a keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def keep(password: str) -> str:
    """The hash (argon2id) to keep of a password."""
    with _turns:
        return _hasher.hash(_canonical(password))


@cache
def _of_nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def fits(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept; "" (no such account) takes as long to deny."""
    if len(password) > LONGEST * 4:
        return False
    with _turns:
        nobody = _of_nobody()  # made by the first who asks, whether his name is known or not
        try:
            fitting = _hasher.verify(kept or nobody, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return fitting and bool(kept)


def made_up() -> str:
    """A password to be handed over once: 20 characters in fours, easily read aloud."""
    drawn = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(drawn[at : at + 4]) for at in range(0, 20, 4))


@cache
def _roots() -> tuple[str, ...]:
    rows = read_table(data_dir() / "access" / "weak_passwords.csv", ("root",)).rows
    return tuple(sorted((row["root"] for row in rows), key=len, reverse=True))


def require_good(password: str, *names: str) -> None:
    """Refuse a password that is short or easily guessed; `names` are those of its owner.

    Raises InputError `password_short`, `password_long`, `password_named` or `password_weak`.
    """
    text = _canonical(password).casefold()
    if len(text) < SHORTEST:
        raise InputError("password_short", shortest=SHORTEST)
    if len(text) > LONGEST:
        raise InputError("password_long", longest=LONGEST)
    if any(len(name) > 2 and name.casefold() in text for name in names):
        raise InputError("password_named")
    for root in _roots():
        text = text.replace(root, "")
    if len(_without_runs(text)) < _LEFT or len(set(text)) < _DISTINCT:
        raise InputError("password_weak")


def _without_runs(text: str) -> str:
    """The text without characters that only repeat or follow the one before (aaa, 3456, dcba)."""
    kept = text[:1]
    for before, character in pairwise(text):
        if abs(ord(character) - ord(before)) > 1:
            kept += character
    return kept
