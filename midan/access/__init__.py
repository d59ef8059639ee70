"""Who may see what, decided at the moment of reading (clauses L2.2, L3.1)."""
