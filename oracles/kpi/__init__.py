"""Figures of months, signed by who reports them: where it is fetched, and what it says."""
