"""Django's settings, address table and entry points; nothing of the domain."""
