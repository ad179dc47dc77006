"""Alarms of a feed: raised once, cleared once what caused them is gone; every change is a line in a file.

The file is append-only JSON lines, mode 0600; what is active is what its lines come to, also after a restart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from oracles.reasons import Reason
from registry.errors import Unavailable
from registry.log import get_logger

_log = get_logger("oracles")

Key = tuple[str, str, str]
"""Code, source and field: another value is the same alarm."""


class Alarms:
    """The alarms of one feed in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._active: dict[Key, str] = {}
        for entry in _entries(file):
            key = (entry["code"], entry["source"], entry["field"])
            if entry["event"] == "raised":
                self._active[key] = entry["line"]
            else:
                self._active.pop(key, None)

    @property
    def active(self) -> tuple[str, ...]:
        """One line each."""
        return tuple(self._active.values())

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(key[0] for key in self._active)

    def settle(self, reasons: Iterable[Reason], at: int, feed: str) -> tuple[Reason, ...]:
        """These are the alarms now [unix s]: raises those that are new, clears those that are gone. The new ones."""
        wanted = {(reason.code, reason.source, reason.field): reason for reason in reasons}
        gone = [key for key in self._active if key not in wanted]
        new = {key: reason for key, reason in wanted.items() if key not in self._active}
        lines = [_line("cleared", at, key, self._active[key]) for key in gone]
        lines += [_line("raised", at, key, r.line, zh=r.line_zh, value=r.value) for key, r in new.items()]
        if lines:
            self._append(lines)
        for key in gone:
            _log.info("alarm_cleared", feed=feed, code=key[0], line=self._active.pop(key))
        for key, reason in new.items():
            self._active[key] = reason.line
            _log.warning("alarm_raised", feed=feed, code=reason.code, line=reason.line)
        return tuple(new.values())

    def _append(self, lines: list[str]) -> None:
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as out:
                out.write(("\n" if self._is_torn() else "").encode() + "".join(lines).encode())
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise Unavailable(f"the alarms {self.file} cannot be written: {error.strerror or error}") from error

    def _is_torn(self) -> bool:
        """A process was killed while it wrote: the next line begins on a line of its own."""
        content = self.file.read_bytes()
        return bool(content) and not content.endswith(b"\n")


def _line(event: str, at: int, key: Key, text: str, **more: str) -> str:
    entry = {"at": at, "event": event, "code": key[0], "source": key[1], "field": key[2], "line": text, **more}
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _entries(file: Path) -> Iterable[dict[str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unavailable(f"the alarms {file} cannot be read: {error.strerror or error}") from error
    for line in lines:
        try:
            entry = json.loads(line)
            if {"event", "code", "source", "field", "line"} <= entry.keys():
                yield entry
        except (ValueError, AttributeError):
            continue  # the line at which a process was killed
