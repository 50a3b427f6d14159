"""What is known about a vendor between calls: a person's key, and whether it answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import BreakerState
from prompts.records import enum_check, enum_field


class ProviderKey(models.Model):
    """A person's own key, encrypted; only ``last4`` is ever shown."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="provider_keys")
    provider = models.CharField(max_length=100)
    key_id = models.CharField(max_length=64)
    ciphertext = models.BinaryField()
    last4 = models.CharField(max_length=4)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "provider"], condition=Q(revoked_at=None), name="providerkey_one_valid")
        ]

    def __str__(self) -> str:
        return f"{self.provider} …{self.last4}"


class ProviderHealth(models.Model):
    """The circuit breaker: nothing is asked of the provider before ``not_before``."""

    provider = models.CharField(primary_key=True, max_length=100)
    state = enum_field(BreakerState, default=BreakerState.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "provider health"
        constraints = [enum_check("state", BreakerState, name="providerhealth_state")]

    def __str__(self) -> str:
        return f"{self.provider} {self.state}"
