"""Everything before work begins: first start, fetching a shop, sign-in, damaged records. Knows no screen."""
