"""One demo that all clients ask, and Node.js with the clients installed as the lock file says."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auth.entering.tokens import LEEWAY, mint
from server.demo.passwords import DEMO_PASSWORD
from server.installation import keys
from server.settings import Settings
from tests.processes import PATIENCE, Demo, environment

HERE = Path(__file__).parent
LOGIN = "rep"
SHORT = timedelta(seconds=4)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A data folder with a short name, for the socket in it."""
    made = Path(tempfile.mkdtemp(prefix="zhike-clients-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def demo(folder: Path) -> Iterator[Demo]:
    """The server that `make run` starts, on a free port."""
    running = Demo(folder, "--port", "0")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def short_token(demo: Demo, folder: Path) -> Callable[[], tuple[str, datetime]]:
    """`short_token()`: an access token of the rep that is refused in a few seconds, leeway included, and when."""
    subject = demo.ask(LOGIN, "{ viewer { staffMember { id } } }")["viewer"]["staffMember"]["id"]
    settings = Settings(data_dir=folder)
    ring = keys(settings)[0]
    names = {"issuer": settings.issuer, "audience": settings.audience}

    def made() -> tuple[str, datetime]:
        now = datetime.now(UTC).replace(microsecond=0)
        return mint(ring, subject, "tests", (), SHORT, **names, now=now - LEEWAY), now + SHORT

    return made


@pytest.fixture(scope="session")
def node() -> str:
    """Node's program. Installs the clients once, and compiles Relay's documents against the committed SDL."""
    node, npm = shutil.which("node"), shutil.which("npm")
    assert node, "these clients are written in JavaScript: install Node.js 20 or newer"
    assert npm, "these clients are installed by npm: install it beside Node.js"
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        run(npm, "ci", "--ignore-scripts")
    run(node, "node_modules/relay-compiler/cli.js", "relay.config.json")
    return node


@pytest.fixture
def tell(node: str, demo: Demo, short_token) -> Callable[[str], None]:
    """`tell("urql")`: one client's story from beginning to end."""

    def told(client: str) -> None:
        token, ends = short_token()
        run(
            node,
            f"{client}.mjs",
            ZHIKE_URL=demo.told["url"],
            ZHIKE_LOGIN=LOGIN,
            ZHIKE_PASSWORD=DEMO_PASSWORD,
            ZHIKE_SHORT_TOKEN=token,
            ZHIKE_SHORT_TOKEN_ENDS=ends.isoformat(),
        )

    return told


def run(*command: str, **more: str) -> None:
    done = subprocess.run(
        command, cwd=HERE, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
