"""Pure rules of destruction.

runs      the steps of a run, what is due, runs and certificates as others read them
claim     what a certificate claims, under which condition, and what lies outside it
"""
