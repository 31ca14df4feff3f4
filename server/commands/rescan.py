"""`zhike rescan`."""

import psycopg
import typer

from server.commands.failures import told
from server.commands.options import DataDir, settings_there
from server.installation import standing
from server.rescanning.run import Gone
from server.rescanning.run import rescan as go_through

MOST_NAMED = 50


def rescan(data_dir: DataDir = None) -> None:
    """按当前的识别规则重新扫描已存的文本 / Go again through stored texts with what is detected in free text today.

    What is found is masked and its original sealed, as when a text is written. Broken off, the next run goes on where
    this one was. Run it once all servers run this version.
    """
    with (
        told(),
        standing(settings_there(data_dir=data_dir)) as here,
        psycopg.connect(here.upkeep_url, autocommit=True) as on,
    ):
        gone = go_through(on, here.ring, _report)
    for text in gone:
        _name(text)
    typer.echo("重新扫描完成 / The rescan is done")


def _report(gone: Gone) -> None:
    progress = gone.progress
    typer.echo(
        f"{progress.text}: 已读 {progress.read}，更正 {progress.found} / {progress.read} read, {progress.found} found"
    )


def _name(gone: Gone) -> None:
    """Names the rows that no rescan may change: whoever may edit them has to."""
    if not gone.to_correct:
        return
    named = ", ".join(gone.to_correct[:MOST_NAMED])
    typer.echo(
        f"{gone.text.name} 含有个人信息，须用 editCustomer 更正或重新登记 / "
        f"These hold a personal value in clear; correct them with editCustomer, or enter them anew: {named}"
        + (" …" if len(gone.to_correct) > MOST_NAMED else "")
    )
