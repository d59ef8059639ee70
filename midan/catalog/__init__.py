"""What Midan holds and why: data catalogue, purposes, legal bases, retention, clause register, settings.

Clauses D1 (what counts as customer information), G1 and G3. Code asks the catalogue instead of knowing.
"""
