"""三.2 M5 Leaving: one act closes everything, a check shows that nothing is left open, and what expires ends by itself."""
