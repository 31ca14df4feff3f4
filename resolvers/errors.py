"""What an answer may refuse: the errors a reading raises on purpose."""

from collections.abc import Mapping


class Refused(Exception):
    """A reading that is refused for a reason the caller may know.

    `code` is the stable word clients switch on; `zh` and `en` say what was wrong and what to do, and never carry a
    value that was sent or stored. `extensions` are further JSON-ready facts (a limit, an argument) for the error entry.
    """

    def __init__(self, code: str, zh: str, en: str, extensions: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.extensions = dict(extensions or {})
