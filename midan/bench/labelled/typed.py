"""What stands in a field of its own: names, phones and identity numbers, as people type them."""

from random import Random
from typing import Final

from midan.bench.labelled import texts
from midan.core.fields.surnames import surname_length

# Round a name, or in it: {} is the whole name, | stands where a space was typed between its letters.
_NAME_FORMS: Final = (
    *("{}", "{}", "{}", "{}", " {}", "{}  ", "　{}"),
    *("{}女士", "{}先生", "{}（代收）", "{}(公司)", "{}收", "{}转李梅"),
    *("{}17000001234", "{} 17000001234", "17000001234 {}", "{}3栋501", "|", "||"),
)


def name(random: Random) -> texts.Case:
    """Return a name as a field holds it; safe when nothing but the family name of it shows."""
    whole, form = random.choice(texts.NAMES), random.choice(_NAME_FORMS)
    kept = surname_length(whole) or 1
    if form.startswith("|"):
        part = (" " * len(form)).join(whole)
        kept = kept * (1 + len(form))
        return texts.Case(part, part, lambda shown: set(shown[kept:]) <= set("* ·"))
    return texts.Case(form.format(whole), whole, lambda shown: set(shown[kept:]) <= set("* ·•‧・．"))


def phone(random: Random) -> texts.Case:
    """Return a phone number; safe when six digits and more are hidden."""
    part = texts.phone(random).part
    return texts.Case(part, part, lambda shown: shown.count("*") >= 6)


def identity(random: Random) -> texts.Case:
    """Return an identity number, passport or permit; safe when four characters of it show at most."""
    part = texts.identity(random).part
    return texts.Case(part, part, lambda shown: sum(map(str.isalnum, shown)) <= 4)
