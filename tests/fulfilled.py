"""Everybody who works here has signed, learnt and been checked: through the services people use, nothing switched off."""

from midan.core.actor import Actor
from midan.demo.fulfilled import fulfil_all
from midan.duties.services import publish_starters
from midan.people import selectors as people


def fulfil_everybody(now, **which):
    publish_starters(actor=Actor.system("test"), now=now)
    fulfil_all(staff=people.staff_of(**which), now=now)
