"""Segments: rules about customers, and who meets them, kept up to date by themselves."""
