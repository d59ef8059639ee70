"""Which branch an API client belongs to, what it may do, how often and from where; what it has used of that."""

from django.conf import settings
from django.db import models


class Client(models.Model):
    """One client of the API. The secret lives hashed in the OAuth2 application; the one before it here, while it lasts.

    Lists are words with a space between; `writes` and `sees` name fields of an order. Without a limit stands null.
    """

    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.PROTECT, related_name="midan_client"
    )
    name = models.CharField(max_length=60, unique=True)
    branch = models.CharField(max_length=16)
    scopes = models.TextField()
    writes = models.TextField()
    sees = models.TextField()
    serves = models.TextField(default="")
    networks = models.TextField(default="")
    certificates = models.TextField(default="")
    per_minute = models.PositiveIntegerField(null=True)
    per_day = models.PositiveIntegerField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    former_secret = models.CharField(max_length=255, default="")
    former_until = models.DateTimeField(null=True)
    rotated_at = models.DateTimeField(null=True)
    last_token_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(former_secret="", former_until__isnull=True)
                | ~models.Q(former_secret="") & models.Q(former_until__isnull=False),
                name="gateway_former_ends",
            ),
        ]


class Use(models.Model):
    """How many calls a client has taken out of one minute or one day, by all processes together."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    period = models.CharField(max_length=6)
    start = models.BigIntegerField()
    taken = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "period", "start"], name="gateway_use_once")]


class Sent(models.Model):
    """One Idempotency-Key of whoever sends orders: keyed digests of the key and of what came with it.

    `outcomes` has a letter a row, in order, once the answer was given: what it said then it says again.
    """

    owner = models.CharField(max_length=64)
    key = models.BinaryField(max_length=32)
    body = models.BinaryField(max_length=32)
    outcomes = models.TextField(default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="gateway_sent_once")]


class Bound(models.Model):
    """The certificate an access token is bound to: RFC 8705's `cnf.x5t#S256`. It goes with its token."""

    token = models.OneToOneField(
        settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL, on_delete=models.CASCADE, related_name="midan_bound"
    )
    thumbprint = models.CharField(max_length=43)
