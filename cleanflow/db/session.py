"""Who works on a connection and what is running there, apart from the connection itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date


class Session:
    """The user of one connection, the running operation's timestamp, and the day that its clock may give.

    Like the connection it belongs to one thread.
    """

    def __init__(self) -> None:
        #: Id of the signed-in user, named by records and audit rows; None: nobody, or a command.
        self.user_id: str | None = None
        #: A command acts in the owner's name, but nobody has shown a PIN.
        self.is_command = False
        #: Timestamp of the running operation, None between operations; set by `with_transaction`.
        self.operation_at: str | None = None
        #: The business date for which the PC's clock was found right.
        self.trusted_day: date | None = None

    @property
    def at(self) -> str:
        """The running operation's timestamp, shared by all rows it writes."""
        if self.operation_at is None:
            raise RuntimeError("a write outside of with_transaction")
        return self.operation_at

    @contextmanager
    def acting_as(self, user_id: str | None) -> Iterator[None]:
        """Run the block in the name of another user, as an owner who approves a cashier's step.

        The signed-in user is restored whatever happens. Raises RuntimeError inside an operation, whose rows
        all name one user.
        """
        if self.operation_at is not None:
            raise RuntimeError("the user cannot change inside an operation")
        signed_in, self.user_id = self.user_id, user_id
        try:
            yield
        finally:
            self.user_id = signed_in
