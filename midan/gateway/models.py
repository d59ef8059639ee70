"""Which branch an API client belongs to and what it may do."""

from django.conf import settings
from django.db import models


class Client(models.Model):
    """One client of the API. The secret lives hashed in the OAuth2 application."""

    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.PROTECT, related_name="midan_client"
    )
    name = models.CharField(max_length=60, unique=True)
    branch = models.CharField(max_length=16)
    scopes = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
