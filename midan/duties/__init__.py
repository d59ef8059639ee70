"""三.2 Duties: agreement (M2), training (M2), background check (M3), rules of conduct (M4). Neglect shuts the door."""
