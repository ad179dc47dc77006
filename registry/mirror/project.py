"""Projects decoded logs into rows of the tables: one handler for each event.

Written from the contracts' texts, apart from the domain's fold on purpose: that both agree is what the audit shows.
A batch is whole blocks; nothing is written before `flush`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from registry.chain.decode import LOG_BITS, Kind, Row, class_id_of
from registry.errors import HaltError
from registry.mirror import project_board, project_escrow, project_money, project_payout, project_raise
from registry.mirror.batch import Batch
from registry.mirror.columns import signed
from registry.mirror.working import Account, Firm

EVENT_VERSION = 1
PHASE_MIGRATING = 1
STOP_NOT_OPEN = 8
DAY = 86_400
_NOBODY = bytes(20)
_NO_REF = bytes(32)
_M8, _M16, _M24, _M32, _M64 = ((1 << bits) - 1 for bits in (8, 16, 24, 32, 64))


class Projection(Batch):
    """Applies whole blocks; here are the handlers of registry, companies and classes."""

    def apply(self, rows: Iterable[Row]) -> None:
        """All logs of ours of whole blocks, in order."""
        block_hash = ""
        block: list[Any] = []
        tx = ""
        for row in rows:
            if row.block_hash != block_hash:
                block_hash = row.block_hash
                block = self.begin_block(row)
            if row.tx != tx:
                tx = row.tx
                self.begin_tx(row)
            if self.moved is not None and row.event not in _ENTRIES:
                raise HaltError(f"a Transfer without its entry before log {row.key} in transaction {row.tx}")
            block[3] += 1
            self.events += 1
            HANDLERS[row.event](self, row)

    # --- acts ---

    def act_recorded(self, row: Row) -> None:
        operation, actor, version, kind, basis, effective_on, document = row.values
        if version != EVENT_VERSION:
            raise HaltError(f"act in event format {version}, this reader knows {EVENT_VERSION}; transaction {row.tx}")
        emitter, block = row.emitter, row.key >> LOG_BITS
        company, class_id = emitter.company, emitter.class_id
        head = [row.key, block, company, class_id, operation, actor, kind, basis, effective_on, document]
        act = [*head, 0, 0, "0", 0, 0]
        self.acts[emitter.address] = act
        if emitter.kind is Kind.COMPANY:
            self.company_acts[company] = act
        self.rows["acts"].append(act)

    def consideration_stated(self, row: Row) -> None:
        kind, currency, price = row.values
        self.act_of(row)[10:13] = [kind, currency, str(price)]

    def split_declared(self, row: Row) -> None:
        self.act_of(row)[13:15] = row.values

    # --- registry ---

    def roles_set(self, row: Row) -> None:
        account, roles = row.values
        self.put("roles", row.emitter.company, account, row.key, roles, row.key >> LOG_BITS)

    def offered(self, row: Row) -> None:
        self.put("offers", row.emitter.company, row.key, row.values[0], row.key >> LOG_BITS)

    def provider_trusted(self, row: Row) -> None:
        provider, first_id, last_id, until_day = row.values
        self.put("providers", provider, row.key, first_id, last_id, until_day, row.key >> LOG_BITS)

    def provider_revoked(self, row: Row) -> None:
        self.put("providers", row.values[0], row.key, 0, 0, 0, row.key >> LOG_BITS)

    def party_onboarded(self, row: Row) -> None:
        word, dossier = row.values
        self.put("parties", word & _M32, row.key, dossier, row.key >> LOG_BITS)
        self.party_changed(row)

    def party_changed(self, row: Row) -> None:
        word = row.values[0]
        self.put("party_versions", word & _M32, row.key, word.to_bytes(32, "big"), row.key >> LOG_BITS)
        self.working.raises.set_weight(word & _M32, word >> 168 & _M16)

    def wallet_bound(self, row: Row) -> None:
        party, number, wallet = row.values
        self.put("wallets", wallet, row.key, party, number, row.key >> LOG_BITS)
        self.working.raises.learn_wallet(wallet, party, number)

    # --- companies ---

    def company_created(self, row: Row) -> None:
        address, number, name, form, region, cap, predecessor = row.values
        block = row.key >> LOG_BITS
        self.put("emitters", address, int(Kind.COMPANY), number, 0, 0, block)
        self.working.raises.learn(address, number, 0)
        self.put("companies", number, row.key, address, name, form, region, predecessor, block)
        self.act_of(row)[2] = number  # the factory's act is the company's first
        self.working.begin_firm(number, Firm(PHASE_MIGRATING, cap, 0, _NOBODY))
        self._put_firm(number, row.key)

    def _put_firm(self, company: int, key: int) -> None:
        firm = self.working.firm(company)
        self.put("company_versions", company, key, firm.phase, firm.cap, firm.stops, firm.successor, key >> LOG_BITS)

    def phase_changed(self, row: Row) -> None:
        self.working.firm(row.emitter.company).phase = row.values[0]
        self._put_firm(row.emitter.company, row.key)

    def cap_changed(self, row: Row) -> None:
        self.working.firm(row.emitter.company).cap = row.values[0]
        self._put_firm(row.emitter.company, row.key)

    def stops_changed(self, row: Row) -> None:
        self.working.firm(row.emitter.company).stops = row.values[0]
        self._put_firm(row.emitter.company, row.key)

    def successor_named(self, row: Row) -> None:
        self.working.firm(row.emitter.company).successor = row.values[0]
        self._put_firm(row.emitter.company, row.key)

    def document_recorded(self, row: Row) -> None:
        kind, uri = row.values
        self.put("documents", row.key, row.emitter.company, self.act_of(row)[0], kind, uri, row.key >> LOG_BITS)

    def cap_exceeded(self, row: Row) -> None:
        seats, cap = row.values
        self.put("alarms", row.key, row.emitter.company, seats, cap, row.key >> LOG_BITS)

    # --- seats ---

    def weight_fixed(self, row: Row) -> None:
        party, is_fixed, weight = row.values
        seat = self.working.seat(row.emitter.company, party)
        seat.is_fixed, seat.weight = is_fixed, weight
        self.put_seat(row.emitter.company, party, row.key)

    def seat_recounted(self, row: Row) -> None:
        party, weight = row.values
        self.working.seat(row.emitter.company, party).weight = weight
        self.put_seat(row.emitter.company, party, row.key)

    def _move_seats(self, company: int, left: int, entered: int, weight: int, key: int) -> None:
        """In first, then out, as the company does it. From one account of a party into another changes nothing."""
        if left == entered:
            return
        if entered:
            seat = self.working.seat(company, entered)
            if seat.accounts == 0 and not seat.is_fixed:
                seat.weight = weight
            seat.accounts += 1
            self.put_seat(company, entered, key)
        if left:
            self.working.seat(company, left).accounts -= 1
            self.put_seat(company, left, key)

    # --- classes ---

    def class_created(self, row: Row) -> None:
        address, position, name, symbol, authorised, decimals, categories = row.values
        company, block = row.emitter.company, row.key >> LOG_BITS
        class_id = class_id_of(company, position)
        firm = self.working.firm(company)
        stops = firm.stops | (STOP_NOT_OPEN if firm.phase == PHASE_MIGRATING else 0)
        self.put("emitters", address, int(Kind.SHARE_CLASS), company, class_id, 0, block)
        self.working.raises.learn(address, company, class_id)
        self.working.payouts.learn_class(class_id, decimals)
        self.put("classes", class_id, row.key, company, position, address, name, symbol, decimals, block)
        self.put("class_versions", class_id, row.key, signed(authorised), stops, categories, block)

    def class_changed(self, row: Row) -> None:
        word = row.values[0]
        authorised, stops, categories = word >> 64 & _M64, word >> 128 & _M8, word >> 144 & _M16
        class_id = row.emitter.class_id
        self.put("class_versions", class_id, row.key, signed(authorised), stops, categories, row.key >> LOG_BITS)

    def record_date_set(self, row: Row) -> None:
        epoch, time = row.values
        self.put("record_dates", row.emitter.class_id, epoch, row.key, time, row.key >> LOG_BITS)

    def holding_changed(self, row: Row) -> None:
        party, number, _, lock_day, _ = _holding(row.values[0])
        class_id = row.emitter.class_id
        self.working.account(class_id, party, number).lock_day = lock_day
        self.put("locks", class_id, party, number, row.key, lock_day, row.key >> LOG_BITS)

    def approval(self, row: Row) -> None:
        """Allowances, of shares and of money, are no part of the register."""

    # --- entries ---

    def transfer(self, row: Row) -> None:
        """Of shares only the amount is taken from here: who it was, party and account, follows in the entry."""
        if row.emitter.kind is Kind.TOKEN:
            project_money.moved(self, row)
        else:
            self.moved = (row.emitter.class_id, row.values[2])

    def holdings_moved(self, row: Row) -> None:
        """A holder's own transfer: no act, effective on its block's day."""
        self._entry(row, 0, (row.time + self.utc_offset) // DAY, None)

    def entry_recorded(self, row: Row) -> None:
        act = self.act_of_entry(row)
        ref = row.values[2]
        self._entry(row, act[0], act[8], None if ref == _NO_REF else ref)

    def _entry(self, row: Row, act: int, effective_on: int, ref: bytes | None) -> None:
        company, class_id = row.emitter.company, row.emitter.class_id
        shares = self._take_moved(row, class_id)
        giver, giver_account, giver_left, giver_lock, _ = _holding(row.values[0])
        taker, taker_account, taker_got, taker_lock, weight = _holding(row.values[1])
        key = row.key
        # fmt: off
        self.rows["entries"].append((
            key, key >> LOG_BITS, company, class_id, giver, giver_account, taker, taker_account,
            signed(shares), effective_on, act, ref, giver_lock, taker_lock,
        ))
        # fmt: on
        if giver == taker and giver_account == taker_account:
            return
        left = entered = 0
        if taker:
            account = self.working.account(class_id, taker, taker_account)
            entered = taker if shares and account.shares == 0 else 0
            account.shares += shares
            _settle(account, taker_got, taker_lock, row)
        if giver:
            account = self.working.account(class_id, giver, giver_account)
            account.shares -= shares
            left = giver if shares and account.shares == 0 else 0
            _settle(account, giver_left, giver_lock, row)
        if left or entered:
            self._move_seats(company, left, entered, weight, key)

    def _take_moved(self, row: Row, class_id: int) -> int:
        """The amount of the Transfer directly before; a reissuance has none and moves nothing."""
        moved, self.moved = self.moved, None
        if moved is None:
            if row.values[0] != row.values[1]:
                raise HaltError(f"{row.event} without a Transfer before it, in transaction {row.tx}")
            return 0
        if moved[0] != class_id:
            raise HaltError(f"a Transfer followed by another class's {row.event}, in transaction {row.tx}")
        return moved[1]


def _holding(word: int) -> tuple[int, int, int, int, int]:
    """Party, account, balance, lock day, weight of a holding's word."""
    return word & _M32, word >> 32 & _M8, word >> 40 & _M64, word >> 168 & _M24, word >> 224 & _M16


def _settle(account: Account, balance: int, lock_day: int, row: Row) -> None:
    """The sum of the moves must be what the contract says it is."""
    if account.shares != balance:
        raise HaltError(
            f"holding {account.shares} by the moves, {balance} by the event, in transaction {row.tx}; "
            "`equity audit` tells which is right"
        )
    account.lock_day, account.last_entry = lock_day, row.key


_ENTRIES = frozenset({"HoldingsMoved", "EntryRecorded"})

HANDLERS: dict[str, Callable[[Projection, Row], None]] = {
    "ActRecorded": Projection.act_recorded,
    "AdminOffered": Projection.offered,
    "Approval": Projection.approval,
    "CapChanged": Projection.cap_changed,
    "CapExceeded": Projection.cap_exceeded,
    "ClassChanged": Projection.class_changed,
    "ClassCreated": Projection.class_created,
    "CompanyCreated": Projection.company_created,
    "ConsiderationStated": Projection.consideration_stated,
    "DocumentRecorded": Projection.document_recorded,
    "EntryRecorded": Projection.entry_recorded,
    "GovernorOffered": Projection.offered,
    "HoldingChanged": Projection.holding_changed,
    "HoldingsMoved": Projection.holdings_moved,
    "PartyChanged": Projection.party_changed,
    "PartyOnboarded": Projection.party_onboarded,
    "PhaseChanged": Projection.phase_changed,
    "ProviderRevoked": Projection.provider_revoked,
    "ProviderTrusted": Projection.provider_trusted,
    "RecordDateSet": Projection.record_date_set,
    "RolesSet": Projection.roles_set,
    "SeatRecounted": Projection.seat_recounted,
    "SplitDeclared": Projection.split_declared,
    "StopsChanged": Projection.stops_changed,
    "SuccessorNamed": Projection.successor_named,
    "Transfer": Projection.transfer,
    "WalletBoundTo": Projection.wallet_bound,
    "WeightFixed": Projection.weight_fixed,
    **project_money.HANDLERS,
    **project_raise.HANDLERS,
    **project_escrow.HANDLERS,
    **project_board.HANDLERS,
    **project_payout.HANDLERS,
}
"""By the event's name. The same name means the same shape, whoever emits it."""
