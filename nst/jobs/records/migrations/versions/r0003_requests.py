"""Keys of requests that made a job. Some databases had the table before migrations began."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_tables = sa.MetaData()
sa.Table(
    "requests",
    _tables,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("made", sa.String(32), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False, index=True),
)


def upgrade() -> None:
    _tables.create_all(op.get_bind())
