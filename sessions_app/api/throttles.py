"""How often one person (or, before signing in, one address) may ask: reading, writing, generating, signing in."""

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from sessions_app.enums import ThrottleScope
from sessions_app.web import tries


class ScopedThrottle(SimpleRateThrottle):
    """One window per scope and caller; the rates are settings, such as ``THROTTLE_READ=600/min``."""

    cache_format = "throttle-%(scope)s-%(ident)s"

    def __init__(self, scope: ThrottleScope) -> None:
        self.scope: str = scope.value
        self.cache = caches["shared" if scope in (ThrottleScope.GENERATE, ThrottleScope.SIGN_IN) else "default"]
        super().__init__()

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Reading and writing the count are two steps: one at a time where it is money or passwords that are counted."""
        if self.cache is not caches["shared"] or self.rate is None:
            return bool(super().allow_request(request, view))
        with tries.alone():
            return bool(super().allow_request(request, view))

    def get_rate(self) -> str | None:
        rates: dict[str, str] = settings.THROTTLES
        return rates[str(self.scope)] or None

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = str(request.user.pk) if request.user and request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}
