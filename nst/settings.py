"""Everything an operator can set, read once from the environment (prefix `NST_`)."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from nst.errors import Refusal

SECRET_LENGTH = 32
PASSWORD_LENGTH = 12
_PREFIX = "NST_"


class Settings(BaseSettings):
    """One typed object; each field is the environment variable `NST_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    host: str = Field("127.0.0.1", description="Address the studio listens on.")
    port: int = Field(8050, ge=0, le=65535, description="Port the studio listens on.")
    prefix: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="Path under which a proxy shows the studio, as /studio. Empty: it has the whole host.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks, with commas between them, whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed; * for any.",
    )
    mode: Literal["single", "scaled"] = Field(
        "single", description="All in one process, or web processes and workers with servers between them."
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="Scaled: the PostgreSQL database, postgresql://user:password@host/name."
    )
    redis_url: SecretStr = Field(
        SecretStr(""), description="Scaled: Redis, which carries wake-up calls, redis://host:6379/0."
    )
    data_dir: Path = Field(Path("data"), description="Folder of pictures, jobs and results.")
    files_url: str = Field(
        "",
        description="Where pictures and results are. Empty: in the data folder. 'file:///FOLDER': in that "
        "one. 's3://BUCKET/PREFIX': in an object store; the usual AWS_* variables say which and who asks.",
    )
    copies_bytes: int = Field(
        2 * 2**30, ge=0, description="Most that is kept on this machine's disk of files in an object store."
    )
    cache_dir: Path = Field(
        Path("~/.cache/pentimento"), description="Folder of network weights, verified when read."
    )
    vgg19_weights: str = Field(
        "",
        description="Empty: the packaged weights. 'keras': Keras's own full-precision file, through "
        "Keras. Otherwise the path of a VGG19 weights file (.h5 from Keras, or the packaged .bin).",
    )

    connections: int = Field(4096, ge=16, description="Connections that a web process holds at a time.")
    allowed_hosts: str = Field(
        "",
        description="Names that the studio goes by, with commas between them; `*.example` are all that end "
        "so, `*` any. Empty: any, but over the loopback address its own names alone.",
    )
    password: SecretStr = Field(
        SecretStr(""),
        description="Of a private studio, at least 8 characters, or what `python -m nst.api.password` makes "
        "of it. Empty: anybody may come in.",
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="Keys that sign cookies, with commas between them: the first signs, all verify. "
        "Empty: one that is kept in the data folder.",
    )

    max_upload_bytes: int = Field(15 * 1024 * 1024, description="Largest picture file accepted.")
    max_pixels: int = Field(25_000_000, description="Largest picture accepted, in pixels.")
    min_side: int = Field(32, description="Shortest side accepted, in pixels.")
    max_side: int = Field(8192, description="Longest side accepted, in pixels.")
    max_aspect: float = Field(20.0, description="Longest side over shortest side, at most.")
    decode_seconds: float = Field(10.0, description="Time allowed for decoding one picture.")

    max_video_bytes: int = Field(500 * 1024 * 1024, description="Largest video file accepted.")
    max_video_seconds: float = Field(600.0, gt=0, description="Longest video accepted.")
    max_video_pixels: int = Field(9_000_000, description="Largest frame of a video accepted, in pixels.")
    videos_per_client: int = Field(10, ge=1, description="Videos one visitor may have uploaded.")
    max_video_rate: float = Field(240.0, description="Most frames a second that a video may have.")

    log_format: Literal["text", "json"] = Field("text", description="Log lines for people, or for programs.")
    log_level: Literal["error", "warning", "info"] = Field("warning", description="What is worth a line.")
    log_requests: float = Field(
        0.0, ge=0, le=1, description="Share of the requests that get a line, drawn by chance."
    )
    log_clients: bool = Field(
        False, description="Whether lines say who asked: a digest of the client, and the address."
    )

    metrics: Literal["local", "token", "off"] = Field(
        "local", description="Who may read /metrics: programs on this machine, who has the token, or nobody."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="With NST_METRICS=token: what `Authorization: Bearer` must say."
    )
    worker_metrics_port: int = Field(
        0, ge=0, le=65535, description="Scaled: where a worker has its own /metrics. 0: it has none."
    )
    admin_password: SecretStr = Field(
        SecretStr(""),
        description="Opens /admin, which shows how the studio stands. Empty: there is no /admin.",
    )

    cameras: int = Field(4, ge=0, description="Visitors whose cameras are painted at a time.")

    disk_quota_bytes: int = Field(
        0, ge=0, description="What the studio may keep in all; 0: half of the disk that its folder is on."
    )
    client_quota_bytes: int = Field(
        0, ge=0, description="What may be kept of one visitor; 0: half of what may be kept in all."
    )
    keep_days: float = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which paintings, pictures and videos are removed; 0: never.",
    )

    queued_per_client: int = Field(3, description="Jobs one visitor may have waiting.")
    group_jobs: int = Field(24, ge=1, description="Paintings that one group may have, or a visitor's wait.")
    queued_total: int = Field(50, description="Jobs that may wait in all.")

    requests_per_minute: int = Field(1500, ge=1, description="Requests of one visitor.")
    uploads_per_minute: int = Field(120, ge=1, description="Pictures and videos that one visitor uploads.")
    jobs_per_minute: int = Field(
        60, ge=1, description="Paintings, groups and videos that one visitor begins."
    )
    previews_per_minute: int = Field(1200, ge=1, description="Previews and selections of one visitor.")
    streams_per_client: int = Field(256, ge=1, description="Event streams one visitor may have open.")
    websockets_per_client: int = Field(64, ge=1, description="Websockets one visitor may have open.")
    clients_per_address: int = Field(
        4, ge=1, description="Visitors' worth of all this that an address may have."
    )

    @field_validator("secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr) -> SecretStr:
        if any(len(key) < SECRET_LENGTH for key in _parts(secret)):
            raise PydanticCustomError("short", f"each key needs at least {SECRET_LENGTH} characters")
        return secret

    @field_validator("metrics_token", "admin_password")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret) < PASSWORD_LENGTH:
            raise PydanticCustomError("short", f"it needs at least {PASSWORD_LENGTH} characters")
        return secret

    @property
    def host_names(self) -> frozenset[str]:
        """The names of `allowed_hosts`."""
        return frozenset(name for part in self.allowed_hosts.split(",") if (name := part.strip().lower()))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys of `secret`, the one that signs first."""
        return _parts(self.secret)


@cache
def settings() -> Settings:
    """The process's settings. Tests clear the cache after changing the environment.

    Raises:
        Refusal: `bad_setting`, with the variable as its field, for a value that cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _refusal(error) from error


def _parts(secret: SecretStr) -> tuple[str, ...]:
    return tuple(key for part in secret.get_secret_value().split(",") if (key := part.strip()))


def _refusal(error: ValidationError) -> Refusal:
    """The first complaint, by the name of the environment variable."""
    first = error.errors()[0]
    name = f"{_PREFIX}{first['loc'][0]}".upper()
    reason = first["msg"][:1].lower() + first["msg"][1:]
    if Settings.model_fields[str(first["loc"][0])].annotation is SecretStr:
        return Refusal("bad_setting", f"{name}: {reason}.", name)  # what is secret is not printed
    return Refusal("bad_setting", f"{name}: {reason}, not “{str(first['input'])[:60]}”.", name)
