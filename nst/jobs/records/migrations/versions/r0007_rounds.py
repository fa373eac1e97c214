"""When somebody last looked for jobs of dead workers, so that of many workers one does."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    rounds = op.create_table(
        "rounds",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
    )
    op.bulk_insert(rounds, [{"name": "recovery", "begun": datetime(1970, 1, 1, tzinfo=UTC)}])
