"""Customers move through the stages of their life with a shop: noticed, and told to others."""
