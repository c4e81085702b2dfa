"""People who do not exist, sent through every door of the product, to be missed in its logs."""
