"""The first durable tables: whose database it is, operations and transactions, journals, names, verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
        sa.Column("chain_id", sa.Integer, nullable=False),
        sa.Column("genesis_hash", sa.LargeBinary, nullable=False),
        sa.Column("registry", sa.LargeBinary, nullable=False),
    )
    _outbox()
    _directory()
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("block", sa.Integer, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("differences", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "journals",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("info", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
    )
    op.create_table(
        "operations",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("sender", sa.LargeBinary, nullable=False),
        sa.Column("target", sa.LargeBinary, nullable=False),
        sa.Column("calldata", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("depends_on", sa.LargeBinary, sa.ForeignKey("operations.id")),
        sa.Column("journal", sa.String, sa.ForeignKey("journals.key")),
        sa.Column("gas", sa.Integer),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tx", sa.LargeBinary),
        sa.Column("block", sa.Integer),
        sa.Column("block_hash", sa.LargeBinary),
        sa.Column("error", sa.JSON),
    )
    op.create_index("operations_by_state", "operations", ["state", "sender", "seq"])
    op.create_index("operations_by_journal", "operations", ["journal"])
    op.create_index("operations_by_need", "operations", ["depends_on"])
    op.create_table(
        "transactions",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("operation", sa.LargeBinary, sa.ForeignKey("operations.id"), nullable=False),
        sa.Column("sender", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.Integer, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String, nullable=False),
    )
    # The two indexes by which two senders cannot sign for the same nonce, or twice for the same operation.
    held, live = sa.text("state <> 'dead'"), sa.text("state IN ('signed', 'mined')")
    op.create_index("one_nonce", "transactions", ["sender", "nonce"], unique=True, sqlite_where=held)
    op.create_index("one_transaction", "transactions", ["operation"], unique=True, sqlite_where=live)
    op.create_index("transactions_by_state", "transactions", ["state"])


def _directory() -> None:
    op.create_table(
        "directory_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("check_value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "directory_dossiers",
        sa.Column("party", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_table(
        "directory_allocations",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("party", sa.Integer, nullable=False, unique=True),
    )
