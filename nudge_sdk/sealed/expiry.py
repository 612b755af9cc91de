"""Retention, carried out on a file: `nudge_sdk.sealed.retention` says what, this does it."""

from __future__ import annotations

from dataclasses import replace

from nudge_sdk.sealed.contents import Contents
from nudge_sdk.sealed.layout import NO_KEY
from nudge_sdk.sealed.retention import sweep
from nudge_sdk.state import whole_seconds


def expire(contents: Contents, now: float, keep: float, *, always: bool = False) -> None:
    """Delete what has lapsed and what is damaged, when it is time or ``always``.

    Args:
        contents: in a write transaction.
        now: the host's clock, seconds since the epoch.
        keep: the retention, seconds.
        always: also when the last sweep was less than a day ago.
    """
    header = contents.header()
    if not always and not header.watch.due(now):
        return
    rows = contents.rows()
    whole = [(name, row) for name, row in rows if row is not None]
    swept = sweep([row.written for _, row in whole], now, keep, header.watch)
    for name, row in rows:
        if row is None:  # nobody can ever open it again
            contents.delete_named(name)
    for (name, row), fate in zip(whole, swept.fates, strict=True):
        if fate == "goes":
            contents.delete_named(name)
        elif fate == "anew":
            contents.put_named(name, replace(row, written=whole_seconds(now)))
    _, ledger = contents.ledger()
    if ledger is not None:
        kept = swept.watch.pruned(ledger, now, keep)
        if kept != ledger:
            contents.put_ledger(kept)
    contents.put_header(replace(header, watch=swept.watch, old=NO_KEY))
