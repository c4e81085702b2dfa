"""Shopify's webhooks: verify a delivery, read its headers, translate its body into a signal."""
