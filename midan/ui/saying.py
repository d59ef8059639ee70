"""Say an error in the reader's words: the one way for pages, the API and the command line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext
from django.utils.translation.trans_null import gettext_noop as _

from midan.core.errors import MidanError
from midan.core.fields.errors import InvalidField
from midan.ui.accesswords import LIMIT
from midan.ui.rejects import FILE, REJECT
from midan.ui.whys import BACKUP, FIELD, WHY
from midan.ui.words import KIND, ROLE, STATUS

Translate = Callable[[str], str]
_REASON: Final = WHY | STATUS | REJECT | FILE
# Which detail of an error is a code, and where its words stand. The details themselves keep their codes.
_BOOKS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    dict.fromkeys(("place", "found", "check", "what"), BACKUP)
    | {
        "opened": LIMIT,
        "reason": _REASON,
        "field": FIELD | {"role": _("岗位")},
        "column": FIELD,
        "post": ROLE,
        "kinds": KIND,
    }
)


def sentence(error: MidanError, translate: Translate = gettext) -> str:
    """Return the error's message, filled in with words instead of codes; a code without words stays as it is."""
    if isinstance(error, InvalidField):
        # Core has no gettext: its message is two codes.
        field, reason = FIELD.get(error.field, error.field), _REASON.get(error.reason, error.reason)
        return translate(_("%(field)s：%(reason)s")) % {
            "field": translate(field),
            "reason": translate(reason),
        }
    text = translate(error.message)
    if "%(" not in text:
        return text.replace("%%", "%")
    return text % {name: _worded(name, value, translate) for name, value in error.details.items()}


def _worded(name: str, value: object, translate: Translate) -> object:
    if name == "register":
        return translate(str(value))
    if isinstance(value, list):
        return "、".join(str(_worded(name, one, translate)) for one in value)
    words = _BOOKS.get(name, {}).get(str(value))
    return value if words is None else translate(words)
