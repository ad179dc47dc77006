"""The read side over HTTP: routes, pages and what they show. Knows the mirror's queries and the acts, never a table."""
