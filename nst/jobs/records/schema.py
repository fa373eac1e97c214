"""The tables, as the newest of the migrations leaves them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class Moment(TypeDecorator[datetime]):
    """A point in time, in UTC on both sides. SQLite forgets the time zone; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


metadata = MetaData()

images = Table(
    "images",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    # Every client who takes a sample gets an id of their own for one shared file.
    Column("file", String(128), nullable=False),
    Column("sample", String(64)),
    # Made on the way to something else, as a click's mask is: not kept for long where no job uses it.
    Column("passing", Boolean, nullable=False, server_default=false()),
    Column("bytes", BigInteger),  # on the disk, once it was looked at
    UniqueConstraint("owner", "sample"),
    Index("images_by_age", "created"),
    Index("images_by_bytes", "owner", "bytes"),
    Index(
        "images_unmeasured", "id", sqlite_where=text("bytes IS NULL"), postgresql_where=text("bytes IS NULL")
    ),
)

jobs = Table(
    "jobs",
    metadata,
    # Grows with every job and is never given twice: the order of the queue and of the history.
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", String(16)),
    Column("step", Integer, nullable=False, default=0),
    Column("steps", Integer, nullable=False),
    Column("losses", JSON, nullable=False, default=dict),
    Column("error", Text),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("finished", Moment),
    Column("width", Integer),
    Column("height", Integer),
    Column("preview_seq", Integer, nullable=False, default=0),
    Column("has_result", Boolean, nullable=False, default=False),
    Column("crashes", Integer, nullable=False, default=0),
    Column("seq", Integer, nullable=False, default=0),  # of its newest event
    Column("changes", JSON, nullable=False, server_default="[]"),
    Column("wanted", JSON(none_as_null=True)),  # a change that nobody has made yet
    Column("stages", JSON, nullable=False, server_default="[]"),
    Column("group", String(32)),
    Column("kind", String(16), nullable=False, server_default="picture"),  # or video
    Column("seconds_left", Float),  # of a video, as far as is known
    Column("worker", String(128)),  # that paints it
    Column("lane", Integer, nullable=False, server_default="2"),  # in line, see line.py
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("bytes", BigInteger),  # on the disk, once it was looked at
    Column("thinned", Boolean, nullable=False, server_default=false()),  # its log, once it was finished
    Index("jobs_by_state", "state", "number"),
    Index("jobs_in_line", "state", "lane", "turn", "number"),
    Index("jobs_by_owner", "owner", "number"),
    Index("jobs_by_age", "finished"),
    Index("jobs_by_bytes", "owner", "bytes"),
    Index(
        "jobs_unmeasured", "id", sqlite_where=text("bytes IS NULL"), postgresql_where=text("bytes IS NULL")
    ),
    Index(
        "jobs_with_whole_logs",
        "finished",
        sqlite_where=text("finished IS NOT NULL AND thinned = 0"),
        postgresql_where=text("finished IS NOT NULL AND NOT thinned"),
    ),
    sqlite_autoincrement=True,
)

videos = Table(
    "videos",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("rate", Float, nullable=False),
    Column("has_sound", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created", Moment, nullable=False),
)

# Which images and videos a job names: while it is there, so are they.
uses = Table(
    "uses",
    metadata,
    Column("job", String(32), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(32), primary_key=True, index=True),
)

groups = Table(
    "groups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("title", String(100)),
    Column("axes", JSON, nullable=False),
    Column("members", JSON, nullable=False),
    Column("created", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created", Moment, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),  # what it hashes to
    Column("digest", String(64), nullable=False),
    Column("made", String(32), nullable=False),
    Column("created", Moment, nullable=False, index=True),
)

workers = Table(
    "workers",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("machine", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("beat", Moment, nullable=False),  # when it was last heard of, by the clock of the database
    Column("ready", Boolean, nullable=False),
    Column("trouble", Text),  # why it has no engine
    Column("speed", JSON, nullable=False),
)

# Work that one of many does by turns: when somebody last began it, by the clock of the database.
rounds = Table(
    "rounds",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("begun", Moment, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("job", String(32), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created", Moment, nullable=False),
)
