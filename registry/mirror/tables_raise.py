"""Tables of money and raises. Words are kept as the contracts pack them (32 bytes), amounts [fen] as in `columns`."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from registry.mirror.columns import (
    address_key,
    binary,
    block,
    integer,
    key,
    metadata,
    string,
    subject,
    versions,
)

# --- money ---
# netted as `holdings` is
money = Table("money", metadata, address_key("account"), integer("balance"), integer("last_move"))
money_moves = Table(
    "money_moves",
    metadata,
    key("id"),
    block(),
    binary("giver"),
    binary("taker"),
    integer("amount"),
    integer("act"),
    binary("ref", nullable=True),
)
Index("money_moves_block", money_moves.c.block)
Index("money_moves_giver", money_moves.c.giver)
Index("money_moves_taker", money_moves.c.taker)
Index("money_moves_bank", money_moves.c.id, sqlite_where=text("ref IS NOT NULL"))
Index("money_moves_ref", money_moves.c.ref, sqlite_where=text("ref IS NOT NULL"))
money_freezes = versions("money_freezes", address_key("account"), key("id"), integer("is_frozen"), integer("act"))
money_stops = versions("money_stops", key("id"), integer("is_stopped"), integer("act"))

# --- regions, limits ---
regions = versions("regions", *subject("region", "id"), binary("word"), integer("act"))
annual_limits = versions("annual_limits", key("id"), integer("amount"))
outside_uses = versions("outside_uses", *subject("party", "year", "id"), integer("amount"), integer("until_day"))
enrolments = versions("enrolments", address_key(), integer("id"))
reservations = versions("reservations", *subject("class_id", "id"), integer("shares"))

# --- offerings ---
offerings = versions(
    "offerings",
    key("offering"),
    integer("id"),
    integer("company"),
    integer("class_id"),
    binary("address"),
    binary("escrow"),
    binary("fee_recipient"),
    integer("price"),
    integer("minimum"),
    integer("maximum"),
    integer("investor_minimum"),
    integer("investor_maximum"),
    integer("opens_at"),
    integer("closes_at"),
    integer("cooling_off"),
    integer("settle_within"),
    integer("fee_bps"),
    integer("region"),
    integer("risk_grade"),
    integer("method"),
    integer("lock_day"),
    binary("memorandum"),
    binary("disclosure"),
)
Index("offerings_company", offerings.c.company)
Index("offerings_address", offerings.c.address)
# `totals`: the offering's word; `fee` is known once it is settled
offering_versions = versions("offering_versions", *subject("offering", "id"), binary("totals"), integer("fee"))
# `phases`: what happened to an offering as a whole
offering_phases = versions("offering_phases", *subject("offering", "id"), integer("phase"), integer("act"))
# `word`: the subscription's; `paid`, `returned`: all that this party ever paid in and got back out of the offering;
# `lapsed`, `lapsed_shares`: what of the word's redeemed and cancelled lapsed
subscriptions = versions(
    "subscriptions",
    *subject("offering", "party", "id"),
    binary("account"),
    binary("word"),
    integer("paid"),
    integer("returned"),
    integer("shares"),
    integer("lapsed"),
    integer("lapsed_shares"),
    binary("disclosure"),
)
Index("subscriptions_party", subscriptions.c.party)

# --- escrows ---
escrows = versions(
    "escrows",
    key("offering"),
    integer("id"),
    binary("issuer_account"),
    binary("arbiter"),
    integer("window"),
    integer("arbitration"),
    integer("silence_upholds"),
    integer("challenge_bps"),
    integer("consent_bps"),
    integer("voting"),
    binary("put_payer"),
    integer("is_payer_issuer"),
    integer("put_rate_bps"),
    integer("claims"),
    binary("lapse_account"),
)
ratchets = versions(
    "ratchets",
    key("offering"),
    integer("id"),
    integer("milestone"),
    integer("source"),
    binary("founder"),
    binary("fallback_account"),
    integer("early_by"),
    integer("early_bps"),
    integer("late_after"),
    integer("late_bps"),
)
tranches = versions(
    "tranches",
    *subject("offering", "milestone"),
    integer("id"),
    binary("word"),
    binary("criterion"),
    string("terms"),
)
tranche_versions = versions("tranche_versions", *subject("offering", "milestone", "id"), binary("word"))
purses = versions("purses", *subject("offering", "id"), binary("word"))
releases = versions("releases", *subject("offering", "milestone"), integer("id"), binary("account"), integer("amount"))
# whose deadline ended it, and others with it
misses = versions("misses", *subject("offering", "milestone"), integer("id"))
consents = versions(
    "consents", key("id"), integer("offering"), integer("milestone"), binary("account"), integer("shares")
)
Index("consents_offering", consents.c.offering)
redemptions = versions(
    "redemptions",
    key("id"),
    integer("offering"),
    integer("party"),
    binary("account"),
    integer("amount"),
    integer("shares"),
)
Index("redemptions_offering", redemptions.c.offering)
Index("redemptions_party", redemptions.c.party)
# last second of the claims, on the region's clock
claim_periods = versions("claim_periods", *subject("offering", "id"), integer("ends"))
# missed money that went where the terms say
lapses = versions("lapses", key("id"), integer("offering"), binary("account"), integer("amount"))
Index("lapses_offering", lapses.c.offering)
# `payer`: none until the put is paid
puts = versions(
    "puts",
    *subject("offering", "party", "id"),
    binary("account"),
    integer("shares"),
    integer("rest"),
    integer("interest"),
    binary("payer", nullable=True),
)
# `kind`: 1 fell early, 2 fell late, 3 shares delivered, 4 shares that the founder owes
ratchet_lines = versions(
    "ratchet_lines", key("id"), integer("offering"), integer("kind"), binary("account"), integer("shares")
)
Index("ratchet_lines_offering", ratchet_lines.c.offering)

# --- the board: companies and escrows as it names them, by address ---
# `state`: 0 appointed, 1 dismissed, 2 suspended for a contradiction; `act`: the appointment's, its document the mandate
verifiers = versions(
    "verifiers",
    address_key("company"),
    *subject("kind", "member", "id"),
    integer("party"),
    binary("key"),
    integer("from_day"),
    integer("until_day"),
    integer("state"),
    integer("act"),
)
contradictions = versions(
    "contradictions",
    key("id"),
    binary("company"),
    integer("kind"),
    integer("member"),
    integer("party"),
    binary("first"),
    binary("second"),
    binary("first_signature"),
    binary("second_signature"),
)
cases = versions("cases", address_key("escrow"), *subject("milestone", "id"), binary("word"))
attestations = versions(
    "attestations",
    key("id"),
    binary("escrow"),
    integer("milestone"),
    integer("round"),
    integer("party"),
    integer("outcome"),
    binary("evidence"),
    integer("observed_at"),
    integer("expires_at"),
    string("uri"),
)
Index("attestations_escrow", attestations.c.escrow)
Index("attestations_party", attestations.c.party)
retractions = versions(
    "retractions", key("id"), binary("escrow"), integer("milestone"), integer("round"), integer("party")
)
Index("retractions_escrow", retractions.c.escrow)
challenges = versions(
    "challenges",
    key("id"),
    binary("escrow"),
    integer("milestone"),
    integer("round"),
    binary("challenger"),
    binary("document"),
)
Index("challenges_escrow", challenges.c.escrow)
rulings = versions(
    "rulings",
    key("id"),
    binary("escrow"),
    integer("milestone"),
    integer("round"),
    integer("upheld"),
    integer("by_silence"),
)
Index("rulings_escrow", rulings.c.escrow)
