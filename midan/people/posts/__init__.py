"""三.2 M1 Posts: which may not meet in one person, how they are granted, taken back and looked over."""
