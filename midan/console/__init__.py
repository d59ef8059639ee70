"""The pages of staff and the privacy officer."""
