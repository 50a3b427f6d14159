"""Primary keys: ``<prefix>_`` and 26 lower-case Crockford base32 characters. Here because every package may import it."""

import secrets
import time
import uuid
from collections.abc import Callable
from functools import partial

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A fresh id: 48 bits of milliseconds, so that ids sort by age, and 80 random bits, so that none can be guessed."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_base32((milliseconds << 80) | secrets.randbits(80))}"


def id_of(prefix: str, *parts: str) -> str:
    """The id that the same parts always get: a second migration run meets the rows of the first."""
    return f"{prefix}_{_base32(uuid.uuid5(uuid.NAMESPACE_OID, chr(0).join(parts)).int)}"


def id_factory(prefix: str) -> Callable[[], str]:
    """``default=`` of a primary key column."""
    return partial(new_id, prefix)


def _base32(number: int) -> str:
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
