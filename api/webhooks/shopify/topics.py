"""The topics we know and leave alone for now, each with its reason."""

from api.webhooks.shopify.refusals import NotYetHandled, UnknownTopic

_BY_REASON = {
    "a privacy request needs erasure and export, to come": """
        customers/data_request customers/redact shop/redact
    """,
    "our own sums of orders and refunds say it": "customers/purchasing_summary",
    "the shop's segments are not ours": """
        customer.joined_segment customer.left_segment
        segments/create segments/delete segments/update
    """,
    "the state of the shop's account is not kept yet": """
        customers/delete customers/disable customers/enable
    """,
    "it concerns the installation, not a shopper": """
        app/scopes_update app/uninstalled shop/update
    """,
    "money is counted from orders and refunds": """
        order_transactions/create tender_transactions/create
    """,
    "disputes are not kept yet": "disputes/create disputes/update",
    "the risk and protection of an order are not kept yet": """
        orders/link_requested orders/risk_assessment_changed
        orders/shopify_protect_eligibility_changed
    """,
    "payment methods and subscriptions are not kept yet": """
        customer_payment_methods/create customer_payment_methods/revoke
        customer_payment_methods/update subscription_contracts/create
        subscription_contracts/update
    """,
    "it concerns the shop's catalogue and settings, not a shopper": """
        customer_account_settings/update
        customer_groups/create customer_groups/delete customer_groups/update
        discounts/create discounts/delete discounts/redeemcode_added
        discounts/redeemcode_removed discounts/update
        locations/create
        products/create products/delete products/update
        shipping_addresses/create shipping_addresses/update
    """,
}

NOT_YET: dict[str, str] = {
    topic: reason for reason, topics in _BY_REASON.items() for topic in topics.split()
}


def untranslated(topic: str) -> NotYetHandled | UnknownTopic:
    """The refusal for a topic without a translator."""
    reason = NOT_YET.get(topic)
    return NotYetHandled(topic, reason) if reason else UnknownTopic(topic)
