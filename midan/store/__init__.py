"""Rows in bulk on SQLite and PostgreSQL: the one place that knows how the two differ.

No domain lives here. Everything runs inside the caller's transaction.
"""
