"""Batches and undoings in words, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import orjson

from domain.import_batch import ImportState
from server.importing.batches import Listed
from server.importing.undoing import Undone

_STATES = {
    ImportState.RUNNING: "进行中 running",
    ImportState.DONE: "完成 done",
    ImportState.UNDONE: "已撤销 undone",
}
BROKEN_OFF = "中断，可再次导入该文件以继续，或撤销 / broken off: import the file again to go on, or undo it"


def text(batches: Sequence[Listed]) -> str:
    """All imports, two lines each."""
    if not batches:
        return "还没有导入 / There are no imports\n"
    return "".join(f"{one.public_id}  {_when(one.started_at)}  {_state(one)}\n  {_counts(one)}\n" for one in batches)


def json(batches: Sequence[Listed]) -> str:
    """All imports as one array."""
    return orjson.dumps([{**asdict(one), "id": one.public_id} for one in batches], option=orjson.OPT_UTC_Z).decode()


def undone_text(done: Undone, most: int) -> str:
    """What became of an import, with so many lines of what was kept."""
    if done.before:
        return f"{done.public_id} 早已撤销，没有改动 / was undone before ({_when(done.at)}); nothing was done\n"
    counts = (
        f"已删除客户 {done.removed} 个，保留 {len(done.kept)} 个；事件记录保留 / "
        f"Deleted {done.removed} customers, kept {len(done.kept)}; events stay\n"
    )
    lines = [
        f"  第 {one.line} 行 line {one.line}  {one.external_id or '-'}  {one.zh} / {one.en}\n" for one in done.kept
    ]
    more = f"  …… 另有 {len(lines) - most} 个 / and {len(lines) - most} more: --list\n" if len(lines) > most else ""
    return counts + "".join(lines[:most]) + more


def undone_json(done: Undone) -> str:
    """The same as one object."""
    return orjson.dumps(
        {
            "batch": done.public_id,
            "undone_at": done.at,
            "before": done.before,
            "removed": done.removed,
            "kept": [one._asdict() for one in done.kept],
        },
        option=orjson.OPT_UTC_Z,
    ).decode()


def _state(one: Listed) -> str:
    if one.state == ImportState.RUNNING and not one.runs:
        return BROKEN_OFF
    kept = f"，保留 kept {one.kept}" if one.kept else ""
    return _STATES[one.state] + kept


def _counts(one: Listed) -> str:
    return (
        f"读取 read {one.read}，写入 written {one.written}，已存在 present {one.present}，"
        f"重复 repeated {one.repeated}，未写入 rejected {one.rejected}；{one.by or '命令行 command line'}"
    )


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
