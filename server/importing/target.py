"""Where the import went before `server.installation` stood; here only until its last caller asks there."""

from collections.abc import Iterator
from contextlib import contextmanager

from auth.keys import KeyRing
from server.installation import standing
from server.settings import Settings


@contextmanager
def target(settings: Settings) -> Iterator[tuple[str, KeyRing]]:
    """The URL and the key ring of the installation that stands. Raises as `standing` does."""
    with standing(settings) as installation:
        yield installation.url, installation.ring
