"""The client: the one place where the core meets the edge. It wires, it decides nothing.

What a model needs is imported when a client is opened, copy when there is something to say.
"""

from __future__ import annotations

import time  # noqa: TID251  the shell is where the clock is
from typing import TYPE_CHECKING, Final, Literal, get_args

from nudge_sdk import _telemetry  # noqa: F401  off before anybody imports onnxruntime
from nudge_sdk._checks import check_choice, check_str
from nudge_sdk.errors import UsageError
from nudge_sdk.values import (
    RISKS,
    SWITCHES,
    Answer,
    Contact,
    Message,
    Nudge,
    Profile,
    RiskKind,
    Switch,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike

    from nudge_sdk._private import Attachment
    from nudge_sdk._turns import Clock, Turns
    from nudge_sdk.about import About
    from nudge_sdk.bundle import VerifiedBundle
    from nudge_sdk.drafts import Pause
    from nudge_sdk.store import Slot, StateStore

_ANSWERS: Final = get_args(Answer)


class Client:
    """Reads decrypted messages on the young person's own device. Get one from `Client.open`.

    Every method may be called from any thread, for many conversations at once. No method touches
    the network, none keeps a text. ``conversation_id`` is the host's stable identifier of a chat; a
    ``message`` given as plain text counts as a new one, sent now.

    Every method raises `UsageError` when an argument is wrong. A store that fails raises nothing:
    memory stands in until it works again, and a `StoreWarning` says so once (`nudge_sdk._steady`).
    Only `forget`, `wipe` and switching off raise `StateError` then: the disk has not followed yet.
    """

    __slots__ = ("_bundle", "_profile", "_turns")

    def __init__(self, profile: Profile, bundle: VerifiedBundle, turns: Turns) -> None:
        self._profile = profile
        self._bundle = bundle
        self._turns = turns

    @classmethod
    def open(
        cls,
        profile: Profile,
        *,
        bundle: str | PathLike[str] | None = None,
        store: StateStore | None = None,
        switch: Switch = "full",
        clock: Clock = time.time,
        pinned_keys: Collection[bytes] | None = None,
    ) -> Client:
        """Verify a bundle and get ready to read.

        Args:
            profile: the young person whose device this is.
            bundle: a bundle's folder; the one that ships with the SDK when left out.
            store: where memory is kept: in this process, or in a `nudge_sdk.sealed.SealedStore`.
            switch: where the young person's switch stands; ``off`` wipes the store.
            clock: gives seconds since the Unix epoch.
            pinned_keys: raw Ed25519 public keys, 32 bytes each, one of which has to have signed
                the bundle; the project's release key when left out.

        Raises:
            BundleError: the bundle cannot be used; the leaf and its ``check`` say why.
        """
        if not isinstance(profile, Profile):
            raise UsageError("profile must be a Profile")
        from nudge_sdk._onnx import SingleModel
        from nudge_sdk._turns import Turns
        from nudge_sdk.bundle import MODEL, RELEASE_KEYS, load_bundle, shipped_folder
        from nudge_sdk.engine import Engine
        from nudge_sdk.policy import shipped_policy
        from nudge_sdk.store import MemoryStore

        store = MemoryStore() if store is None else store
        if not isinstance(store, MemoryStore):  # that cannot fail
            from nudge_sdk._steady import SteadyStore

            store = SteadyStore(store)
        verified = load_bundle(
            shipped_folder() if bundle is None else bundle,
            pinned_keys=RELEASE_KEYS if pinned_keys is None else pinned_keys,
            last_version=store.accepted_release,
        )
        turns = Turns(
            engine=Engine(verified.spec, shipped_policy()),
            model=SingleModel(verified.files[MODEL], verified.spec),
            store=store,
            band=profile.age_band,
            clock=clock,
            switch="full",
        )
        store.accept_release(verified.manifest.version.release)
        client = cls(profile, verified.without_files(), turns)
        client.switch = switch
        return client

    def __repr__(self) -> str:
        return f"<Client bundle={self._bundle.manifest.name} switch={self.switch}>"

    def receive(
        self,
        conversation_id: str,
        message: Message | str,
        contact: Contact,
        *,
        backfill: bool = False,
    ) -> Nudge | None:
        """A message has arrived. A nudge is for the device's own user and for nobody else.

        Args:
            conversation_id: see the class.
            message: the decrypted message.
            contact: who sent it; in a group, each sender's own.
            backfill: it comes from history that is loaded now: it is read, but never nudges.

        Returns:
            A nudge, or ``None`` when there is nothing to say. ``None`` is no statement about the
            chat or the contact.

        Raises:
            ModelError: the graph failed on this message; nothing has changed.
        """
        if not isinstance(contact, Contact):
            raise UsageError("contact must be a Contact")
        message = _message(message)
        where = self._slot(conversation_id, contact.id)
        steps = self._turns.take(message, [(where, contact)], backfill=backfill)
        if not steps or steps[0].decision.level is None:
            return None
        from nudge_sdk.nudges import render

        return render(steps[0].decision, self._profile, contact, message.id)

    def sent(self, conversation_id: str, message: Message | str, to: Contact | None = None) -> None:
        """The young person has sent a message. It never nudges; replies and refusals are evidence.

        Args:
            conversation_id: see the class.
            message: what was sent.
            to: whom it answers. When left out: those most recently heard in this chat, in a group
                at most the policy's ``senders_updated_by_a_reply``; nobody, when none was heard.

        Raises:
            ModelError: the graph failed on this message; nothing has changed.
        """
        if to is not None and not isinstance(to, Contact):
            raise UsageError("to must be a Contact")
        message = _message(message)
        where = self._slot(conversation_id, "" if to is None else to.id)
        senders = [(where, to)] if to else self._turns.heard(where.conversation)
        self._turns.take(message, senders, from_contact=False)

    def check_draft(
        self,
        conversation_id: str,
        text: str,
        attachments: Collection[Attachment] = (),
        to: Contact | None = None,
    ) -> Pause | None:
        """The young person is about to send something. Nothing is kept, and nothing changes.

        Call it when they press send, and leave the choice to them: a pause is advice.

        Args:
            conversation_id: see the class.
            text: the draft.
            attachments: kinds of what goes with it: ``image``, ``video``, ``location``,
                ``contact_card``, ``voice``, ``file``. None of them is opened.
            to: whom it goes to. When left out: as in `sent`.

        Returns:
            A pause, when something private is in it and the chat's risk makes that unwise; else
            ``None``, which is no statement about the draft, the chat or the contact.
        """
        from nudge_sdk import drafts
        from nudge_sdk._private import ATTACHMENTS, find

        check_str(text, "text")
        for kind in attachments:
            check_choice(kind, ATTACHMENTS, "attachments")
        if to is not None and not isinstance(to, Contact):
            raise UsageError("to must be a Contact")
        where = self._slot(conversation_id, "" if to is None else to.id)
        found = find(text, attachments, self._profile.region)
        if found and self._turns.unwise(where, to):
            return drafts.render(found, self._profile)
        return None

    def answer(
        self, conversation_id: str, nudge: Nudge | RiskKind, contact: Contact | str, answer: Answer
    ) -> None:
        """The young person has answered a nudge.

        ``fine`` quietens gentle nudges of this kind from this contact, never strong ones; ``help``
        quietens nothing.

        Args:
            conversation_id: see the class.
            nudge: the nudge, or its risk kind.
            contact: whose message it was about, or their identifier.
            answer: ``fine`` or ``help``.
        """
        risk = nudge.risk if isinstance(nudge, Nudge) else nudge
        check_choice(risk, RISKS, "nudge")
        check_choice(answer, _ANSWERS, "answer")
        self._turns.answer(self._slot(conversation_id, _id(contact)), risk, answer)

    def deleted(self, conversation_id: str, message_id: str) -> None:
        """A message was deleted. Nothing changes, by definition.

        No message is kept that could be deleted, and what was read cannot be unread: else whoever
        deletes at once would be invisible. `forget` drops all that a chat has shown.
        """
        self._slot(conversation_id, message_id)

    def not_reading(
        self, conversation_id: str, contact: Contact | str
    ) -> Literal["language"] | None:
        """Why a contact's newest message was not read; ``None`` when it was, or none has come."""
        where = self._slot(conversation_id, _id(contact))
        state = None if self.switch == "off" else self._turns.store.read([where]).states[0]
        return "language" if state is not None and state.not_reading else None

    @property
    def switch(self) -> Switch:
        """The young person's switch: ``full``, ``gentle`` or ``off``.

        Under ``off`` nothing is read and nothing changes. Turning it off wipes the store, so that
        turning it on again starts fresh, after a restart, too.
        """
        return self._turns.switch

    @switch.setter
    def switch(self, value: Switch) -> None:
        check_choice(value, SWITCHES, "switch")
        self._turns.switch = value  # before the wipe: see `Turns`
        if value == "off":
            self.wipe()

    def forget(self, conversation_id: str) -> None:
        """Drop all that is remembered of one conversation."""
        chat = self._slot(conversation_id, "").conversation
        self._turns.recent.forget(chat)
        self._turns.store.forget(chat)

    def wipe(self) -> None:
        """Drop all that is remembered; a sealed store's key is destroyed, too."""
        self._turns.recent.clear()
        self._turns.store.wipe()

    def about(self) -> About:
        """What runs here."""
        from nudge_sdk.about import About

        version = self._bundle.manifest.version
        return About(
            bundle=self._bundle.manifest.name,
            version=version.text,
            release=version.release,
            model_sha256=self._bundle.model_sha256,
            signer=self._bundle.signer,
            policy=self._turns.engine.policy.version,
            switch=self.switch,
        )

    def _slot(self, conversation_id: str, name: str) -> Slot:
        check_str(conversation_id, "conversation_id")
        check_str(name, "identifier")
        return self._turns.slot(conversation_id, name)


def _message(message: Message | str) -> Message:  # takes the text's place: no variable shows it
    if isinstance(message, str):
        return Message(message)
    if not isinstance(message, Message):
        raise UsageError("message must be a Message or a str")
    return message


def _id(contact: Contact | str) -> str:
    return contact.id if isinstance(contact, Contact) else contact
