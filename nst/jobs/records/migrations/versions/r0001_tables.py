"""The tables as they were when migrations began.

Databases from before have some of them, or all, and lack columns that came later: they are completed.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateColumn

revision = "0001"
down_revision = None

_before = sa.MetaData()
_moment = sa.DateTime(timezone=True)

sa.Table(
    "images",
    _before,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("created", _moment, nullable=False),
    sa.Column("file", sa.String(128), nullable=False),
    sa.Column("sample", sa.String(64)),
    sa.UniqueConstraint("owner", "sample"),
)
sa.Table(
    "jobs",
    _before,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("spec", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("asked", sa.String(16)),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("losses", sa.JSON, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("created", _moment, nullable=False),
    sa.Column("started", _moment),
    sa.Column("finished", _moment),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("preview_seq", sa.Integer, nullable=False),
    sa.Column("has_result", sa.Boolean, nullable=False),
    sa.Column("crashes", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("wanted", sa.JSON(none_as_null=True)),
    sa.Column("stages", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("group", sa.String(32)),
    sa.Column("kind", sa.String(16), nullable=False, server_default="picture"),
    sa.Column("seconds_left", sa.Float),
    sa.Index("jobs_by_state", "state", "number"),
    sa.Index("jobs_by_owner", "owner", "number"),
    sqlite_autoincrement=True,
)
sa.Table(
    "videos",
    _before,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("has_sound", sa.Boolean, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created", _moment, nullable=False),
)
sa.Table(
    "groups",
    _before,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("title", sa.String(100)),
    sa.Column("axes", sa.JSON, nullable=False),
    sa.Column("members", sa.JSON, nullable=False),
    sa.Column("created", _moment, nullable=False),
)
sa.Table(
    "events",
    _before,
    sa.Column("job", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("created", _moment, nullable=False),
)


def upgrade() -> None:
    connection = op.get_bind()
    _before.create_all(connection)
    there = sa.inspect(connection)
    for table in _before.sorted_tables:
        columns = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
