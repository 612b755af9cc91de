"""A step of the build: say which help contacts were read in their source over a year ago.

A number that has changed is worse than none, so whoever builds a release is told. It is a warning
and no error: a build for an old release must not fail because a year has passed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TABLE: Final = "nudge_sdk/help_contacts.json"
MOST_DAYS: Final = 365


def stale(table: dict[str, Any], today: dt.date) -> list[str]:
    """One line for each contact that was checked too long ago.

    Args:
        table: ``help_contacts.json``.
        today: the day of the build.
    """
    lines = []
    for name, region in table["regions"].items():
        for row in region["contacts"]:
            days = (today - dt.date.fromisoformat(row["checked_on"])).days
            if days > MOST_DAYS:
                who = row.get("name") or row["called"]
                lines.append(f"{TABLE}: {name}: {who} was checked {days} days ago")
    return lines


class HelpContactsHook(BuildHookInterface[Any]):
    """Runs before every wheel and source distribution; changes nothing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's
        """See the module."""
        table = json.loads(Path(self.root, TABLE).read_text(encoding="utf-8"))
        for line in stale(table, _today()):
            self.app.display_warning(line)


def _today() -> dt.date:
    """SOURCE_DATE_EPOCH where a build is to be repeated."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    now = dt.datetime.now(tz=dt.UTC)
    return (now if seconds is None else dt.datetime.fromtimestamp(int(seconds), tz=dt.UTC)).date()
