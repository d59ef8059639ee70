"""What stands for a personnel number where the number itself must not stand."""

from django.utils.crypto import salted_hmac


def person_mark(number: str) -> str:
    """Return 32 hex digits for a personnel number, '' for none: the same for the same person, telling nobody the number.

    Keyed with the installation's secret key, since such numbers can be counted through; another secret key, other marks.
    """
    if not number:
        return ""
    return salted_hmac("midan.people.person", number, algorithm="sha256").hexdigest()[:32]
