"""二.2-3 Access: the decision, the grant, the reveal, the search, the daily budget."""
