"""For hosts: the check that nothing of a chat leaves your app. Run it on your own traffic.

The SDK has no way out of the device; your app has many. Nobody can test those but you, so here is
the looking, for your test suite::

    from nudge_sdk.testing import nothing_leaves

    def test_nothing_leaves(app, transport, caplog):
        with nothing_leaves(app.nudge_client) as watch:
            app.nudge_client = watch.client          # remembers what goes in and comes out
            app.on_message("how old are you, then")  # play a chat that gets a nudge
            ...
            watch.captured("http", transport.sent)   # bytes and texts that your app sent or logged
            watch.captured("log", caplog.text)

Leaving the block raises `LeakError` when a message's text, a nudge's words, a kind of risk or an
id of a text occurs in what was captured, in any usual encoding, packed or hashed. The error names
the place, what leaked and how it was written, never the text itself. Ciphertext shows nothing, so
capture what your app sends before *its transport* encrypts, and after *the messenger* did.

Whether there was a nudge must not show either, not even by the count of requests:
`same_traffic` compares what was captured in a quiet chat and in one with a nudge.

A check that looked at nothing does not pass: without a captured piece, a message that is long
enough to be told from chance, or a nudge, leaving the block raises `UsageError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nudge_sdk._written import found_in
from nudge_sdk.client import Client
from nudge_sdk.errors import NudgeError, UsageError
from nudge_sdk.values import CUES, RISKS, Contact, Message, Nudge

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST: Final = 12
"""Code points of a text that is looked for; a shorter one, such as "ok", is in any traffic."""


class LeakError(NudgeError, AssertionError):
    """Something of a chat or a nudge has left the app. ``leaks`` says what and where."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        super().__init__("; ".join(map(str, leaks)))
        self.leaks = tuple(leaks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """One find. ``where``: the name that the host gave to what it captured; ``what``: for example
    ``text of message 3``; ``form``: how it was written."""

    where: str
    what: str
    form: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} ({self.form})"


class Watch:
    """What went through a client and what was captured; made by `nothing_leaves`."""

    def __init__(self, client: Client) -> None:
        self.client: Client = _WatchedClient(client, self)
        self._texts: list[str] = []
        self._nudges: list[Nudge] = []
        self._captured: list[tuple[str, bytes]] = []

    def __repr__(self) -> str:
        return f"<Watch messages={len(self._texts)} nudges={len(self._nudges)}>"

    def captured(self, where: str, *pieces: bytes | str | Iterable[bytes | str]) -> None:
        """Hand over what the app sent, wrote or logged.

        Args:
            where: a name for the error, such as ``analytics``.
            pieces: bytes or texts, or lists of them.
        """
        for piece in pieces:
            if isinstance(piece, (bytes, bytearray, str)):
                raw = piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece
                self._captured.append((where, bytes(raw)))
            else:
                self.captured(where, *piece)

    def message(self, text: str) -> None:
        """Look for a text that did not go through ``client``."""
        self._texts.append(text)

    def nudge(self, nudge: Nudge) -> None:
        """Look for the words of a nudge that did not come from ``client``."""
        self._nudges.append(nudge)

    def leaks(self) -> list[Leak]:
        """All that is found.

        Raises:
            UsageError: there was nothing to look at or to look for.
        """
        texts = [(number, text) for number, text in enumerate(self._texts) if len(text) >= LEAST]
        if not self._captured:
            raise UsageError("nothing was captured, so nothing was checked")
        if not texts:
            raise UsageError(f"no message had {LEAST} characters, so none could be looked for")
        if not self._nudges:
            raise UsageError("the chat got no nudge, so none could be looked for")
        wanted = {f"text of message {number}": text for number, text in texts}
        wanted |= _words_of(self._nudges)
        return [
            Leak(where=where, what=what, form=form)
            for where, raw in self._captured
            for what, form in found_in(raw, wanted)
        ]


@contextmanager
def nothing_leaves(client: Client) -> Iterator[Watch]:
    """Check that nothing of a chat leaves the app; see the module.

    Raises:
        LeakError: something did.
        UsageError: there was nothing to look at or to look for.
    """
    watch = Watch(client)
    yield watch
    if leaks := watch.leaks():
        raise LeakError(leaks)


def same_traffic(
    quiet: Sequence[tuple[str, bytes]], nudged: Sequence[tuple[str, bytes]], *, sizes: bool = True
) -> None:
    """Check that an app sends the same whether there was a nudge or not.

    Args:
        quiet: what the app sent in a chat without a nudge: destination and bytes, in order.
        nudged: the same for as many messages, of the same lengths, that got one.
        sizes: whether the sizes have to be the same, too.

    Raises:
        LeakError: they differ, in number, order, destination or size.
    """
    shapes = [
        [(where, len(raw) if sizes else 0) for where, raw in traffic] for traffic in (quiet, nudged)
    ]
    if shapes[0] == shapes[1]:
        return
    places = dict.fromkeys(where for shape in shapes for where, _ in shape)
    differs = [
        where
        for where in places
        if [item for item in shapes[0] if item[0] == where]
        != [item for item in shapes[1] if item[0] == where]
    ]
    form = "traffic differs from that of a quiet chat"
    raise LeakError(
        [Leak(where=where, what="that there was a nudge", form=form) for where in differs]
        or [Leak(where="all", what="that there was a nudge", form="another order")]
    )


def _words_of(nudges: Iterable[Nudge]) -> dict[str, str]:
    """What would tell of a nudge, by its name: its words, its ids, kinds of risk and cues."""
    wanted = {f"name of a risk or cue: {name}": name for name in (*RISKS, *CUES)}
    for nudge in nudges:
        wanted |= {"id of a nudge's text": nudge.copy_id, "title of a nudge": nudge.title}
        wanted |= {"body of a nudge": nudge.body, "label of a nudge": nudge.accessibility_label}
        wanted |= {f"reason {at} of a nudge": words for at, words in enumerate(nudge.reasons)}
    return wanted


class _WatchedClient(Client):
    """The same client, on the same memory; it remembers what a check has to look for."""

    __slots__ = ("_watch",)

    def __init__(self, client: Client, watch: Watch) -> None:
        super().__init__(client._profile, client._bundle, client._turns)  # noqa: SLF001  its own kind
        self._watch = watch

    def receive(
        self,
        conversation_id: str,
        message: Message | str,
        contact: Contact,
        *,
        backfill: bool = False,
    ) -> Nudge | None:
        """See `Client.receive`."""
        nudge = super().receive(conversation_id, message, contact, backfill=backfill)
        self._watch.message(message.text if isinstance(message, Message) else message)
        if nudge is not None:
            self._watch.nudge(nudge)
        return nudge

    def sent(self, conversation_id: str, message: Message | str, to: Contact | None = None) -> None:
        """See `Client.sent`."""
        super().sent(conversation_id, message, to)
        self._watch.message(message.text if isinstance(message, Message) else message)
