"""Sign a browserless client in as the sign-in pages would: with the steps it passed written into the session."""

import time

from django.conf import settings
from django.contrib.auth import get_user_model


def sign_in(client, *, second_factor=True, **who):
    """Sign in whoever `who` finds; without the second factor the session holds the password step alone."""
    user = get_user_model().objects.get(**who)
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    steps = [{"method": "password", "at": time.time()}]
    if second_factor:
        steps.append({"method": "mfa", "at": time.time(), "id": 1, "type": "totp"})
    session = client.session
    session["account_authentication_methods"] = steps
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return user
