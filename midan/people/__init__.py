"""三.2 People: the company, its branches, its staff and the post each one holds."""
