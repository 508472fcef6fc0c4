"""Legal arithmetic and legal preconditions; every number of the law is passed in as dated data."""
