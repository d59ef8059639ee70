"""Sign a browserless client in as the sign-in pages would: with the steps it passed written into the session."""

import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model


def sign_in(client, *, second_factor=True, factor="totp", ago=0, agent="", **who):
    """Sign in whoever `who` finds; without the second factor the session holds the password step alone.

    `factor` is the kind of the second one, shown `ago` seconds before.
    """
    user = get_user_model().objects.get(**who)
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    at = time.time() - ago
    steps = [{"method": "password", "at": at}]
    if second_factor:
        steps.append({"method": "mfa", "at": at, "id": 1, "type": factor})
    session = client.session
    session["account_authentication_methods"] = steps
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    UserSession.objects.create(user=user, session_key=session.session_key, ip="127.0.0.1", user_agent=agent)
    return user
