"""What things take on the disk, and which images and videos a job uses: what the sweep goes by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_unknown = sa.text("bytes IS NULL")


def upgrade() -> None:
    op.add_column("images", sa.Column("passing", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("images", sa.Column("bytes", sa.BigInteger))
    op.create_index("images_by_age", "images", ["created"])
    op.create_index("images_by_bytes", "images", ["owner", "bytes"])
    op.create_index("images_unmeasured", "images", ["id"], sqlite_where=_unknown, postgresql_where=_unknown)
    op.add_column("jobs", sa.Column("bytes", sa.BigInteger))
    op.create_index("jobs_by_age", "jobs", ["finished"])
    op.create_index("jobs_by_bytes", "jobs", ["owner", "bytes"])
    op.create_index("jobs_unmeasured", "jobs", ["id"], sqlite_where=_unknown, postgresql_where=_unknown)
    op.create_table(
        "uses",
        sa.Column("job", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True, index=True),
    )
