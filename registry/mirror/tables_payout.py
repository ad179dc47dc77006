"""Tables of dividends. Amounts [fen] and shares as in `columns`; rates of 72 bits [10^-10 CNY] are decimal texts."""

from __future__ import annotations

from sqlalchemy import Index

from registry.mirror.columns import binary, integer, key, string, subject, versions

# --- tax ---
schedules = versions("schedules", key("schedule"), integer("id"), binary("tax_account"), integer("act"))
# residence 0: every other; category 0 as well: everybody else
tax_rules = versions("tax_rules", *subject("schedule", "category", "residence"), integer("id"), integer("bps"))
reliefs = versions("reliefs", *subject("party", "id"), integer("bps"), integer("until_day"), integer("act"))

# --- preferred classes ---
preferences = versions(
    "preferences",
    key("class_id"),
    integer("id"),
    integer("company"),
    integer("rank"),
    string("per_year"),
    integer("from_day"),
    integer("act"),
)
Index("preferences_company", preferences.c.company)
preference_versions = versions("preference_versions", *subject("class_id", "id"), string("declared"))

# --- distributions ---
distributions = versions(
    "distributions",
    key("distribution"),
    integer("id"),
    integer("company"),
    integer("class_id"),
    integer("epoch"),
    integer("schedule"),
    binary("funded_by"),
    integer("total"),
    string("rate"),
    integer("profit"),
    integer("payable_from"),
    integer("expires_at"),
    binary("remainder_account"),
    integer("scrip_price"),
)
Index("distributions_company", distributions.c.company)
Index("distributions_class", distributions.c.class_id)
exclusions = versions("exclusions", *subject("distribution", "position"), integer("id"), binary("account"))
# everything that changes: `returned` of the total at the fix or the cancellation, `carried` by roundings
distribution_versions = versions(
    "distribution_versions",
    *subject("distribution", "id"),
    integer("phase"),
    integer("is_short"),
    integer("expires_at"),
    string("counted"),
    integer("declared"),
    integer("entitled"),
    integer("returned"),
    integer("carried"),
    integer("paid"),
    integer("withheld"),
    integer("handled"),
    integer("parked"),
    integer("lapsed"),
    integer("remitted"),
    integer("reserved"),
)
# what happened to a distribution as a whole, and the money that moved with it
distribution_steps = versions(
    "distribution_steps", *subject("distribution", "id"), integer("phase"), integer("amount"), integer("act")
)
# the register at the record date as it was fixed
distribution_rows = versions(
    "distribution_rows",
    *subject("distribution", "position"),
    integer("id"),
    integer("party"),
    integer("shares"),
    binary("account"),
)
Index("distribution_rows_party", distribution_rows.c.party)
# `settlement`: 1 paid, 2 parked, 3 lapsed; the newest of a party counts
settlements = versions(
    "settlements",
    *subject("distribution", "party", "id"),
    integer("gross"),
    integer("tax"),
    integer("settlement"),
)
Index("settlements_party", settlements.c.party)
scrip_choices = versions("scrip_choices", *subject("distribution", "party", "id"), integer("chosen"))
scrip_deliveries = versions(
    "scrip_deliveries",
    *subject("distribution", "party"),
    integer("id"),
    binary("account"),
    integer("shares"),
    integer("cost"),
)
remittances = versions("remittances", key("id"), integer("distribution"), integer("amount"))
Index("remittances_distribution", remittances.c.distribution)
