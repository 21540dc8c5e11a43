"""From a query's text to the tree that is evaluated."""
