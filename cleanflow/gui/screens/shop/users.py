"""The users: names, roles and PINs."""

from __future__ import annotations

from ttkbootstrap import Label

from cleanflow.clock import local_time
from cleanflow.dao.users import User, add_user, check_pin, edit_user, list_users
from cleanflow.errors import Refusal
from cleanflow.gui.appearance import px, warning_style
from cleanflow.gui.desk import USERS_CHANGED, Action
from cleanflow.gui.dialogs.make_one import ask_make_one
from cleanflow.gui.reading import read_choice, reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.labels import ROLES, short_date
from cleanflow.gui.widgets.records import Column
from cleanflow.gui.widgets.register import Register
from cleanflow.language import _
from cleanflow.records.people import USERS
from cleanflow.sync.repair.namesakes import Namesakes, merge_namesakes, namesakes, namesakes_of

_ROLE_CHOICES = {words: role for role, words in ROLES.items()}


class Users(Screen):
    """The register of users, those out of use at the end."""

    name = "users"
    title = _("Users")
    key = "Shift-F9"
    icon = "person-badge"
    help = _(
        "Everybody signs in with a name and a PIN, and every record names who made it. A cashier"
        " takes jobs and money; an owner also corrects money and changes users and settings. Users"
        " are taken out of use, never deleted. Leave the PIN empty to keep the old one. When PCs have"
        " joined, two users may have one name: both sign in with their own PIN, or you make one of them."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New"), "new"),
        Action("Control-q", _("In or out of use"), "toggle"),
        Action("Control-d", _("Make one of two"), "make_one", _("Of two users with one name")),
    )
    refresh_on = (USERS_CHANGED,)

    def build(self) -> None:
        """Build the list and the form."""
        self._doubles = Label(self.body, bootstyle=warning_style(), wraplength=px(800), justify="left")
        columns: list[Column[User]] = [
            Column("name", _("Name"), 180, lambda user: user.name, stretches=True),
            Column("role", _("Role"), 90, lambda user: ROLES[user.role]),
            Column("pc", _("Added on"), 80, lambda user: user.pc_code),
            Column("since", _("Since"), 100, self._since),
        ]
        self._people = Register(
            self.body,
            self.desk,
            self.name,
            columns,
            read=lambda: list_users(self.desk.db, with_inactive=True),
            identify=lambda user: user.id,
            title=lambda user: user.name,
            is_active=lambda user: user.is_active,
            new_title=_("New user"),
            empty=_("Nobody yet."),
            event=USERS_CHANGED,
        )
        self._people.pack(fill="both", expand=True)
        form = self._people.form
        self._who = form.add(_("Name"), reader(USERS["name"]))
        self._role = form.add(
            _("Role"), lambda text: read_choice(text, _ROLE_CHOICES), choices=[*_ROLE_CHOICES]
        )
        self._pin = form.add(_("PIN"), self._read_pin, secret=True)
        self._again = form.add(_("PIN once more"), self._read_again, secret=True)
        self._people.use(self._fill, self._write)

    def refresh(self) -> None:
        """Read the list again, and say which names several users have."""
        self._people.refresh()
        names = {pair.keep.name for pair in namesakes(self.desk.db) if pair.table == "users"}
        self.offer("save", "new", "toggle", *(["make_one"] if names else []))
        words = _(
            "Several users are called {names}. If they are one person, choose one in the list and press"
            " Ctrl+D."
        )
        self._doubles.configure(text=words.format(names=", ".join(sorted(names))) if names else "")
        if names:
            self._doubles.pack(anchor="w", pady=px(0, 8), before=self._people)
        else:
            self._doubles.pack_forget()

    def _since(self, user: User) -> str:
        day = local_time(user.created_at).date().isoformat()
        return short_date(day, self.desk.shop.date_order)

    def focus_first(self) -> None:
        """Focus the name in the form."""
        self._people.focus_form()

    def new(self) -> None:
        """Empty the form for a new user."""
        self._people.new()

    def save(self) -> None:
        """Save the form."""
        self._people.save()

    def toggle(self) -> None:
        """Take the chosen user out of use, or back into use."""
        self._people.toggle(lambda user, active: edit_user(self.desk.db, user.id, is_active=active))

    def make_one(self) -> None:
        """Make one of the chosen user and another of that name."""
        user = self._people.edited
        pair = namesakes_of(self.desk.db, "users", user.id) if user is not None else None
        if user is None:
            self.tell_nothing_chosen()
        elif pair is None:
            self.desk.tell(_("Nobody else is called {name}.").format(name=user.name))
        else:
            ask_make_one(self.desk, pair, lambda: self._make_one(pair))

    def _make_one(self, pair: Namesakes) -> None:
        def done(_nothing: object) -> None:
            self._people.new(focus=False)
            self.desk.changed(USERS_CHANGED)
            self.desk.tell(_("One user: {name}").format(name=pair.keep.name))

        self.desk.do(lambda: merge_namesakes(self.desk.db, pair), done)

    def _fill(self, user: User | None) -> None:
        self._who.set(user.name if user else "")
        self._role.set(ROLES[user.role if user else "CASHIER"])
        self._pin.set("")
        self._again.set("")

    def _read_pin(self, text: str) -> str | None:
        """A new PIN, or None to keep the present one."""
        return None if not text and self._people.edited is not None else check_pin(text)

    def _read_again(self, text: str) -> str:
        if text != self._pin.text():
            raise Refusal("pins_differ")
        return text

    def _write(self, user: User | None, record_id: str) -> User:
        name, role, pin = self._who.value(), self._role.value(), self._pin.value()
        self._again.value()
        if user is None:
            return add_user(self.desk.db, name=name, role=role, pin=pin or "", user_id=record_id)
        return edit_user(self.desk.db, user.id, name=name, role=role, pin=pin)
