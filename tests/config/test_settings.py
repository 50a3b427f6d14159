"""The settings file, read anew under one environment or another."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.environment import ROOT, settings_variables

RATE = "write a rate such as 10/min (or /sec, /hour, /day), or nothing for no limit."
REFUSED = {
    "DEBUG": ("perhaps", "DEBUG is “perhaps”: write true or false."),
    "BEHIND_TLS": ("perhaps", "BEHIND_TLS is “perhaps”: write true or false."),
    "UPLOAD_MAX_BYTES": ("0", "UPLOAD_MAX_BYTES is 0: write a number of at least 1."),
    "JOB_LEASE_SECONDS": ("0", "JOB_LEASE_SECONDS is 0: write a number of at least 0.5."),
    "JOB_DEADLINE_SECONDS": ("soon", "JOB_DEADLINE_SECONDS is “soon”: write a number."),
    "RING_SECONDS": ("0", "RING_SECONDS is 0: write a number of at least 0.05."),
    "JOBS_PER_USER": ("0", "JOBS_PER_USER is 0: write a number of at least 1."),
    "JOBS_PER_PROVIDER": ("1.5", "JOBS_PER_PROVIDER is 1.5: write a whole number."),
    "WORKERS": ("many", "WORKERS is “many”: write a number."),
    "SPEND_LIMIT_USER_MONTH_USD": (
        "free",
        "SPEND_LIMIT_USER_MONTH_USD is “free”: write an amount in US dollars, such as 20 or 12.50.",
    ),
    "SPEND_LIMIT_GLOBAL_MONTH_USD": (
        "-5",
        "SPEND_LIMIT_GLOBAL_MONTH_USD is -5: write an amount in US dollars from 0 to 1000000000000, or nothing for no limit.",
    ),
    "TRUSTED_PROXIES": ("-1", "TRUSTED_PROXIES is -1: write a number of at least 0."),
    "SIGN_UP_OPEN": ("everybody", "SIGN_UP_OPEN is “everybody”: write true or false."),
    "PASSWORD_RESET_TIMEOUT": ("59", "PASSWORD_RESET_TIMEOUT is 59: write a number of at least 60."),
    "EMAIL_PORT": ("smtp", "EMAIL_PORT is “smtp”: write a number."),
    "EMAIL_USE_TLS": ("starttls", "EMAIL_USE_TLS is “starttls”: write true or false."),
    "THROTTLE_READ": ("often", f"THROTTLE_READ is “often”: {RATE}"),
    "THROTTLE_WRITE": ("10", f"THROTTLE_WRITE is “10”: {RATE}"),
    "THROTTLE_GENERATE": ("0/min", f"THROTTLE_GENERATE is “0/min”: {RATE}"),
    "THROTTLE_SIGN_IN": ("10/week", f"THROTTLE_SIGN_IN is “10/week”: {RATE}"),
    "LOG_LEVEL": ("loud", "LOG_LEVEL is “loud”: write one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
}
BAD_DATABASES = {
    "nonsense": "DATABASE_URL cannot be read: write postgresql://… or sqlite:///….",
    "postgresql://host:port/name": "DATABASE_URL cannot be read: write postgresql://… or sqlite:///….",
    "mysql://user@host/name": "DATABASE_URL names another kind of database: write postgresql://… or sqlite:///….",
    "sqlite://": "DATABASE_URL names no database that worker processes could share: add its name or path.",
    "postgresql://host": "DATABASE_URL names no database that worker processes could share: add its name or path.",
}
ANY_TEXT = {
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DATABASE_URL", "DEFAULT_MODEL", "LOCAL_DIR", "S3_BUCKET", "S3_MEDIA_ORIGIN"),
    *("VISION_MODEL", "EMAIL_HOST", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "DEFAULT_FROM_EMAIL"),
}
"""Read as text or lists: nothing to refuse. Keys, addresses and secrets (below) likewise; DATABASE_URL has its own table."""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which nothing is set but the state folder."""
    for name in settings_variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    return monkeypatch


def read_settings() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "config" / "settings.py"))


@pytest.mark.parametrize("name", REFUSED)
def test_bad_value_stops_the_start_with_a_sentence(name: str, bare: pytest.MonkeyPatch) -> None:
    word, sentence = REFUSED[name]
    bare.setenv(name, word)

    with pytest.raises(ImproperlyConfigured) as refusal:
        read_settings()

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("url", BAD_DATABASES)
def test_bad_database_stops_the_start_with_a_sentence(url: str, bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured) as refusal:
        read_settings()

    assert str(refusal.value) == BAD_DATABASES[url]


def test_every_variable_that_can_be_wrong_is_in_the_table() -> None:
    free = ANY_TEXT | {name for name in settings_variables() if name.endswith(("_KEY", "_BASE_URL", "_FALLBACKS", "_TOKEN"))}

    assert set(settings_variables()) - free == set(REFUSED)


def test_without_any_variable_everything_is_local(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read_settings()

    assert settings["DATABASES"]["default"]["NAME"] == tmp_path / "throughline.sqlite3"
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["STORAGES"]["default"]["OPTIONS"] == {"location": tmp_path / "media"}
    assert settings["DEFAULT_MODEL"] == "animatic"
    assert settings["VISION_MODEL"] == ""
    assert settings["DEBUG"] is False
    assert (settings["SIGN_UP_OPEN"], settings["EMAIL_BACKEND"]) == (False, "django.core.mail.backends.console.EmailBackend")


def test_mail_is_sent_where_a_host_is_named_and_encrypted_by_default(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("EMAIL_HOST", "mail.example")

    settings = read_settings()

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == ("mail.example", 587, True)


def test_an_empty_rate_is_no_limit(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("THROTTLE_READ", "")

    assert read_settings()["THROTTLES"] == {"read": "", "write": "240/min", "generate": "60/min", "sign-in": "10/min"}


def test_secret_key_is_made_once_and_only_its_owner_reads_it(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = read_settings()["SECRET_KEY"], read_settings()["SECRET_KEY"]

    assert first == second
    assert len(first) == 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_postgresql_is_named_by_its_url(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DATABASE_URL", "postgresql://me:word@db.example:5433/films")

    database = read_settings()["DATABASES"]["default"]

    assert (database["ENGINE"], database["HOST"], database["PORT"]) == ("django.db.backends.postgresql", "db.example", 5433)
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("films", "me", "word")
    assert "transaction_mode" not in database.get("OPTIONS", {})


def test_behind_tls_cookies_are_secure_and_plain_http_is_redirected(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("BEHIND_TLS", "true")

    settings = read_settings()

    assert [settings[name] for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")] == [True] * 3


def test_requests_are_never_wrapped_in_a_transaction(bare: pytest.MonkeyPatch) -> None:
    """On SQLite IMMEDIATE would take the write lock for every read."""
    assert not read_settings()["DATABASES"]["default"].get("ATOMIC_REQUESTS", False)
