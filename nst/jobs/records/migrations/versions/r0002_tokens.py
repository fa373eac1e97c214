"""Tokens by which programs are known. Some databases had the table before migrations began."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_tables = sa.MetaData()
sa.Table(
    "tokens",
    _tables,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
)


def upgrade() -> None:
    _tables.create_all(op.get_bind())
