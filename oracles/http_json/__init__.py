"""A figure in a JSON answer: where it is fetched, and what it says."""
