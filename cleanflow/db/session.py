"""The session of a connection: its user, the running operation's timestamp, the trusted day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date


class Session:
    """The user of one connection, the running operation's timestamp, and the business date found right.

    Like its connection, a session belongs to one thread.
    """

    def __init__(self) -> None:
        #: Id of the signed-in user, stored in records and audit rows; None for nobody or a command.
        self.user_id: str | None = None
        #: A command acts in the owner's name, but nobody has shown a PIN.
        self.is_command = False
        #: Timestamp of the running operation, None between operations; set by `with_transaction`.
        self.operation_at: str | None = None
        #: Records come from a file, which may have days ahead; the import asks about those far ahead.
        self.is_importing = False
        #: The business date on which the PC's clock was found right.
        self.trusted_day: date | None = None

    @property
    def at(self) -> str:
        """The running operation's timestamp, which all its rows share. Raises RuntimeError outside of one."""
        if self.operation_at is None:
            raise RuntimeError("a write outside of with_transaction")
        return self.operation_at

    @contextmanager
    def acting_as(self, user_id: str | None) -> Iterator[None]:
        """Run the block as another user, such as an owner who approves a cashier's step.

        The signed-in user is always restored. Raises RuntimeError inside an operation, because all rows of an
        operation name one user.
        """
        if self.operation_at is not None:
            raise RuntimeError("the user cannot change inside an operation")
        signed_in, self.user_id = self.user_id, user_id
        try:
            yield
        finally:
            self.user_id = signed_in
