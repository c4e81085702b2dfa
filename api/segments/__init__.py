"""Segments as people and platforms see them: named rules, their members, and why."""
