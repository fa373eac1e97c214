"""Whose log was thinned. Those of jobs that are finished already are thinned by the sweep."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("thinned", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "jobs_with_whole_logs",
        "jobs",
        ["finished"],
        sqlite_where=sa.text("finished IS NOT NULL AND thinned = 0"),
        postgresql_where=sa.text("finished IS NOT NULL AND NOT thinned"),
    )
