"""What an installation can set: environment variables that begin with ZHIKE_. `docs/settings.md` lists them."""

import os
import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from auth.allowance import Allowance
from auth.entering.signing_in import Terms
from auth.sealing.ciphers import Suite
from server.http.addresses import Network, read_networks
from server.http.connections import ConnectionLimits
from server.http.origins import read_origins

Positive = Annotated[int, Field(gt=0)]

MARK = "<!-- settings -->"


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def default_data_dir() -> Path:
    """`.zhike` in the working directory where one can write there, else the user's own folder for application data."""
    here = Path.cwd()
    if os.access(here, os.W_OK):
        return here / ".zhike"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "zhike"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "zhike"


class Settings(BaseSettings):
    """Read once when the process starts. A refused value is named, never echoed; unknown names are not looked at."""

    model_config = SettingsConfigDict(
        env_prefix="ZHIKE_", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="`development` makes keys of its own beside the data; `production` refuses to start without keys.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL 15 or newer, as a libpq URL (`postgresql://user:password@host/database`). "
        "Without it the embedded PostgreSQL 18 starts. In production its role must not own the tables.",
    )
    migration_database_url: SecretStr | None = Field(
        None,
        description="The same database as its owner: for `migrate`, `backup`, `restore` and `seed`. `migrate` makes "
        "the role of ZHIKE_DATABASE_URL, if it is not there, and gives it what serving needs. Without it one role does "
        "all, which production refuses.",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder of the embedded database and of the keys that development makes beside it.",
    )
    keys: SecretStr | None = Field(
        None, description="The key ring itself, as `zhike keys` writes it. Not together with ZHIKE_KEYS_FILE."
    )
    keys_file: Path | None = Field(
        None,
        description="File with the key ring, which only its owner may read. Kept and backed up apart from the data.",
    )
    crypto: Suite = Field(
        Suite.INTL, description="Ciphers of a new key ring: `intl` (AES-256-GCM, SHA-256) or `gm` (SM4-GCM, SM3)."
    )
    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the server listens on; 0 takes a free one.")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (),
        description="Networks of reverse proxies in front of the server, parted by commas (`10.0.0.0/8, fd00::/8`): "
        "what they say of the client's address and of the request's id is believed. Without them nobody's is.",
    )
    max_anonymous_connections: Positive = Field(
        2_000,
        description="Open connections without a good token so far; beyond it one that waits for its client is closed, "
        "the one that was silent for the longest.",
    )
    max_authenticated_connections: Positive = Field(
        8_000, description="Open connections on which a request had a good token, resting ones and streams included."
    )
    connections_per_address: Positive = Field(
        1_000,
        description="Open connections from one address (of IPv6, one /64 network); a further one is answered with 429. "
        "Behind ZHIKE_TRUSTED_PROXIES it bounds the requests under way for one client instead.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Web origins whose pages may call the API from a browser (CORS), parted by commas "
        "(`https://crm.example.com`). None by default: serve pages and API under one origin.",
    )
    docs_url: str = Field(
        "docs/errors.md",
        min_length=1,
        description="Address of the page of errors that `extensions.docs` of every error points to; relative, it is "
        "meant from the repository.",
    )
    open_introspection: bool = Field(
        True,
        description="Whether the schema is told to who asks without a token, within limits of its own. It is public in "
        "the repository; `false` where nobody outside shall see the version.",
    )
    issuer: str = Field("https://zhike.invalid", min_length=1, description="`iss` of access tokens, made and accepted.")
    audience: str = Field("zhike", min_length=1, description="`aud` of access tokens, made and accepted.")
    access_token_minutes: Positive = Field(15, description="How long an access token that signing in gives is good.")
    session_days: Positive = Field(30, description="How long a session may rest; each refresh begins the time anew.")
    sign_in_failures: Positive = Field(
        10,
        description="Attempts at one login from one address that may fail within an hour; then each further one makes "
        "that address wait for that login: 1 s, 2 s, 4 s … 5 minutes. Others are not affected.",
    )
    sign_in_alarm: Positive = Field(
        200,
        description="Failed and refused attempts within 15 minutes, of all logins and addresses together, from which "
        "on the log warns: `sign_in_guessing`. Nobody is refused for it.",
    )
    max_body_bytes: Positive = Field(1_000_000, description="Largest request body; a larger one is answered with 413.")
    reading_connections: Positive = Field(
        8, description="Database connections for queries, per process. When all are in use, the next query waits."
    )
    prepare_acts: bool = Field(
        True,
        description="Whether acts prepare the statements that they repeat. `false` where a pooler in transaction mode "
        "does not follow prepared statements, as PgBouncer before 1.21; queries need one that does.",
    )
    statement_timeout_ms: Positive = Field(10_000, description="Longest run of one SQL statement, in milliseconds.")
    reveals_per_hour: Positive = Field(
        100,
        description="Clear values and customers found by contact that one person may look at in an hour; "
        "a search that finds nobody counts as one.",
    )
    reveal_seconds: Positive = Field(300, description="How long clients keep a clear value that they were shown.")
    contact_changes_per_hour: Positive = Field(
        200, description="Acts in an hour by which one person enters contacts or customer numbers."
    )
    contact_changes_of_customer_per_day: Positive = Field(
        10, description="Acts in a day by which one person enters contacts of one customer."
    )
    log_level: LogLevel = Field(
        LogLevel.INFO, description="Least severe log lines that are written: `debug`, `info`, `warning` or `error`."
    )

    @property
    def connection_limits(self) -> ConnectionLimits:
        """How many connections there may be."""
        most = self.max_anonymous_connections, self.max_authenticated_connections, self.connections_per_address
        return ConnectionLimits(*most, self.trusted_proxies)

    @property
    def terms(self) -> Terms:
        """What signing in gives, and for how long."""
        return Terms(
            self.issuer,
            self.audience,
            access=timedelta(minutes=self.access_token_minutes),
            idle=timedelta(days=self.session_days),
            free_failures=self.sign_in_failures,
            alarm=self.sign_in_alarm,
        )

    @property
    def allowance(self) -> Allowance:
        """How much one person may learn and enter in a time."""
        return Allowance(
            self.reveals_per_hour,
            self.contact_changes_per_hour,
            self.contact_changes_of_customer_per_day,
            timedelta(seconds=self.reveal_seconds),
        )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return read_networks(value) if isinstance(value, str) else value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        return read_origins(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _owner_beside_server(self) -> Self:
        if self.migration_database_url and not self.database_url:
            raise ValueError(
                "设置 ZHIKE_MIGRATION_DATABASE_URL 时也须设置 ZHIKE_DATABASE_URL / "
                "ZHIKE_MIGRATION_DATABASE_URL is set: set ZHIKE_DATABASE_URL too, to the role that serves"
            )
        return self

    @model_validator(mode="after")
    def _keys_once(self) -> Self:
        if self.keys and self.keys_file:
            raise ValueError(
                "ZHIKE_KEYS 和 ZHIKE_KEYS_FILE 只能设置一个 / set only one of ZHIKE_KEYS and ZHIKE_KEYS_FILE"
            )
        return self

    @model_validator(mode="after")
    def _production_has_keys(self) -> Self:
        if self.environment is Environment.PRODUCTION and not (self.keys or self.keys_file):
            raise ValueError(
                "生产环境必须设置 ZHIKE_KEYS 或 ZHIKE_KEYS_FILE / production must set ZHIKE_KEYS or ZHIKE_KEYS_FILE"
            )
        return self


def table() -> str:
    """All settings as a Markdown table, which `docs/settings.md` holds below its mark."""
    rows = [
        f"| `ZHIKE_{name.upper()}` | {_default(name, field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def document(path: Path) -> None:
    """Write the table anew into the document, below its mark."""
    above, mark, _ = path.read_text().partition(MARK + "\n")
    path.write_text(above + mark + table())


def _default(name: str, default: Any) -> str:
    if name == "data_dir":
        return "`.zhike`"
    return "" if default in {None, ()} else f"`{default}`"
