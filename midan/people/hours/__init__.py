"""三.2 M4 Working hours: when a person looks at customers' data at all, set by whoever manages them."""
