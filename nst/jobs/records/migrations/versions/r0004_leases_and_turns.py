"""Which worker paints a job, who the workers are, and the place of a job in line."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready", sa.Boolean, nullable=False),
        sa.Column("trouble", sa.Text),
        sa.Column("speed", sa.JSON, nullable=False),
    )
    op.add_column("jobs", sa.Column("worker", sa.String(128)))
    op.add_column("jobs", sa.Column("lane", sa.Integer, nullable=False, server_default="2"))
    op.add_column("jobs", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    jobs = sa.table("jobs", *map(sa.column, ("kind", "group", "started", "lane")))
    new = sa.case((jobs.c.started.is_(None), 1), else_=0)
    grouped = sa.case((jobs.c.group.is_not(None), 1), else_=0)
    op.execute(jobs.update().values(lane=sa.case((jobs.c.kind == "video", 4 + new), else_=2 * new + grouped)))
    op.create_index("jobs_in_line", "jobs", ["state", "lane", "turn", "number"])
