"""What synchronising refuses, in words."""

from __future__ import annotations

from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "same_customer": _l("These are one and the same customer."),
        "nothing_to_put_right": _l("There is nothing left to put right here."),
        "not_joined": _l("This PC has not joined a server."),
        "joined_already": _l("This PC has already joined {server}; leave it first."),
        "address_invalid": _l("“{text}” is not the address of a server, like https://shop.example.com."),
        "server_silent": _l("{address} does not answer as a CleanFlow server: {reason}"),
        "join_refused": _l("The server refused this PC: {reason}"),
        "pc_code_taken": _l("Another PC of the shop has the code {pc_code}; {suggestion} is free."),
        "features_unknown": _l(
            "This PC needs a newer CleanFlow: the shop uses {features}. It goes on recording and sending;"
            " what the other PCs recorded is entered after the update."
        ),
        "currency_differs": _l(
            "The shop's books are in {theirs}, this PC's in {ours}; they cannot be merged."
        ),
    }
)
