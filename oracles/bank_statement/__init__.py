"""Money on a bank statement: where it is fetched, and what it says."""
