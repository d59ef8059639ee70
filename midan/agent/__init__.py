"""三.1.5 What a computer says of itself (T5): reads real facts, signs them with the device's key, sends them. No Django.

Runs on the computer it speaks of, as the person who works there. What cannot be read is said as unknown: the server
counts it as bad. Whoever rules the computer rules what it says; specs/device-report.md states that limit.
"""
