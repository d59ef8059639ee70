"""The API for machines and the people behind them (clauses L4.1, L4.2).

OAuth2 client credentials (RFC 6749 section 4.4) for clients; header `Midan-Actor` names the staff member on whose
behalf a client reads, whose own gates then apply. Every answer that is not a success has the one error shape.
"""
