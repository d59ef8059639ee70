"""Measuring: every figure beside a twin measured in the same run on the same machine, never alone.

Each leg runs in a process of its own on an empty installation of its own; legs alternate, medians are quoted.
"""
