"""Printed labels on paper: what was printed, where it is, and that what is no longer needed was shredded or burnt.

Clauses L6.1 and L6.2. The branch manager answers for the branch's paper. Promises: every printed sheet is on a parcel,
with the customer, counted in hand, in a sealed bag or destroyed before a witness; what is none of these is a number
on the branch's page. The photo of a destruction is drawn anew, sealed and shown under a log entry of its own.
"""
