"""A signed document whose fields are matched: where it is fetched, and what it says."""
