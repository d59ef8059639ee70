"""Invented addresses, remarks, names, phones and identity numbers of which every character to hide is known.

What must be hidden is known from the making, never from the masks: of them no word is imported here, so a word that
a mask forgets shows as a leak. `midan bench masks` and the tests of the masks measure with the same makers.
"""
