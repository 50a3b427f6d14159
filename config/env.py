"""Typed readers of environment variables. A value that cannot be read stops the start with a sentence, never a guess."""

import math
import os
import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}
LARGEST_DOLLARS = 1_000_000_000_000
"""As millionths it still fits a 64-bit column."""


def env_text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that ``<name>_FILE`` names (for secrets)."""
    file_name = os.environ.get(f"{name}_FILE")
    if not file_name:
        return os.environ.get(name, default)
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {file_name}, which cannot be read: {error.strerror}.") from error


def env_bool(name: str, default: bool) -> bool:
    word = os.environ.get(name)
    if word is None:
        return default
    if word.lower() in TRUE_WORDS:
        return True
    if word.lower() in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is “{word}”: write true or false.")


def env_number(name: str, default: float, *, minimum: float) -> float:
    word = os.environ.get(name)
    if word is None:
        return default
    try:
        number = float(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is “{word}”: write a number.") from None
    if not number >= minimum or math.isinf(number):
        raise ImproperlyConfigured(f"{name} is {word}: write a number of at least {minimum:g}.")
    return number


def env_whole(name: str, default: int, *, minimum: int) -> int:
    number = env_number(name, default, minimum=minimum)
    if number != int(number):
        raise ImproperlyConfigured(f"{name} is {number:g}: write a whole number.")
    return int(number)


def env_choice(name: str, default: str, *, choices: Collection[str]) -> str:
    word = os.environ.get(name, default)
    if word not in choices:
        raise ImproperlyConfigured(f"{name} is “{word}”: write one of {', '.join(choices)}.")
    return word


def env_micros(name: str, default_dollars: str) -> int | None:
    """US dollars as millionths; an empty value means no limit (None)."""
    word = os.environ.get(name, default_dollars).strip()
    if not word:
        return None
    try:
        dollars = Decimal(word)
    except InvalidOperation:
        raise ImproperlyConfigured(f"{name} is “{word}”: write an amount in US dollars, such as 20 or 12.50.") from None
    if not dollars.is_finite() or not 0 <= dollars <= LARGEST_DOLLARS:
        raise ImproperlyConfigured(
            f"{name} is {word}: write an amount in US dollars from 0 to {LARGEST_DOLLARS}, or nothing for no limit."
        )
    return int(dollars * 1_000_000)


def env_rate(name: str, default: str) -> str:
    """Requests per period, such as ``10/min``; "" = no limit."""
    word = os.environ.get(name, default).strip()
    if word and not re.fullmatch(r"[1-9]\d{0,8}/(sec|min|hour|day)", word):
        raise ImproperlyConfigured(
            f"{name} is “{word}”: write a rate such as 10/min (or /sec, /hour, /day), or nothing for no limit."
        )
    return word


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]
