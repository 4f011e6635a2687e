"""Settings of the shop, for all its PCs and changed by owners, and settings of this PC."""

from __future__ import annotations

from typing import Any

from ttkbootstrap import Frame, Label

from cleanflow import __version__, money
from cleanflow.dao.fields import choice, clean_text
from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.shop import Shop, change_settings
from cleanflow.digits import ascii_digits
from cleanflow.errors import Refusal
from cleanflow.gui import appearance
from cleanflow.gui.attempts import LOCK_AFTER_MINUTES
from cleanflow.gui.desk import SETTINGS_CHANGED, Action
from cleanflow.gui.reading import read_choice, read_number, read_optional_amount
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.form import Field, Form
from cleanflow.language import _

_YES_NO = {_("No"): "0", _("Yes"): "1"}
_DATE_ORDERS = {_("24/12/2026"): "DMY", _("12/24/2026"): "MDY", _("2026-12-24"): "YMD"}
_TEXT_SIZES = {f"{size} %": size for size in appearance.TEXT_SIZES}
_LONGEST_MINUTES = 480


class Settings(Screen):
    """Two forms side by side, saved together."""

    name = "settings"
    title = _("Settings")
    key = "F11"
    icon = "gear"
    help = _(
        "At the left: the shop's settings, the same on all its PCs; changing them takes an owner's"
        " PIN. At the right: settings of this PC only. A drawer difference above the limit needs an"
        " owner; when counting blind, the expected amount is shown only after the count."
    )
    actions = (Action("Control-s", _("Save"), "save", is_primary=True),)
    refresh_on = (SETTINGS_CHANGED,)

    def build(self) -> None:
        """Build the two forms."""
        self._filled: list[str] = []
        left, right = Frame(self.body), Frame(self.body)
        left.pack(side="left", fill="y", padx=(0, 28))
        right.pack(side="left", fill="y")
        Label(left, text=_("The shop"), font="StrongFont").pack(anchor="w", pady=(0, 6))
        Label(right, text=_("This PC"), font="StrongFont").pack(anchor="w", pady=(0, 6))
        self._build_shop(left)
        self._build_pc(right)

    def _build_shop(self, parent: Frame) -> None:
        form = Form(parent, self.save, width=18, is_narrow=True)
        form.pack(anchor="w")
        text = clean_text
        # Key of the setting -> field whose value is the setting's text.
        self._shop: dict[str, Field[str]] = {
            "shop_name": form.add(
                _("Name"), lambda typed: text(_("The shop's name"), typed, limit=200, required=True)
            ),
            "shop_address": form.add(_("Address (; between lines)"), _read_lines),
            "shop_phone": form.add(_("Phone"), lambda typed: text(_("The phone"), typed, limit=100)),
            "currency": form.add(_("Currency"), lambda typed: money.currency(typed).code),
            "day_starts_at": form.add(_("Day starts at (hour)"), _read_hour),
            "date_order": form.add(
                _("Dates are written"),
                lambda typed: read_choice(typed, _DATE_ORDERS),
                choices=[*_DATE_ORDERS],
            ),
            "variance_limit": form.add(_("Drawer may differ by"), self._read_limit),
            "blind_count": form.add(
                _("Count the drawer blind"), lambda typed: read_choice(typed, _YES_NO), choices=[*_YES_NO]
            ),
        }

    def _build_pc(self, parent: Frame) -> None:
        form = Form(parent, self.save, width=11, is_narrow=True)
        form.pack(anchor="w")
        self._theme = form.add(
            _("Colours"),
            lambda typed: read_choice(typed, appearance.THEMES),
            choices=[*appearance.THEMES],
        )
        self._text_size = form.add(_("Text size"), self._read_text_size, choices=[*_TEXT_SIZES])
        self._lock = form.add(_("Lock after minutes (0: never)"), _read_minutes)
        for words in (
            _("Synchronising with other PCs has a screen of its own: Shift+F11."),
            _("Backups, and where they go: Shift+F2."),
            _("Records lie in {path}").format(path=self.desk.db.path),
            f"CleanFlow {__version__}",
        ):
            Label(parent, text=words, wraplength=330, justify="left", bootstyle="secondary").pack(
                anchor="w", pady=(10, 0)
            )

    def _read_text_size(self, typed: str) -> int:
        size = read_choice(typed, _TEXT_SIZES)
        most = appearance.largest_text_size(self)
        if size > most:
            raise Refusal("text_too_large", size=typed, most=most)
        return size

    def _read_limit(self, typed: str) -> str:
        """The limit in minor units, as text; ``""`` is no limit."""
        return str(read_optional_amount(typed, self.desk.shop.currency) or "")

    def refresh(self) -> None:
        """Read the settings again; a form being filled in is kept when changes arrive from another PC."""
        if self.desk.syncing.is_telling and self._texts() != self._filled:
            return
        shop, db = self.desk.shop, self.desk.db
        limit = shop.variance_limit_minor
        texts = {
            "shop_name": shop.name,
            "shop_address": "; ".join(shop.address.splitlines()),
            "shop_phone": shop.phone,
            "currency": shop.currency.code,
            "day_starts_at": str(shop.day_starts_at),
            "date_order": _named(_DATE_ORDERS, shop.date_order),
            "variance_limit": "" if limit is None else shop.currency.format(limit),
            "blind_count": _named(_YES_NO, "1" if shop.is_blind_count else "0"),
        }
        for key, text in texts.items():
            self._shop[key].set(text)
        self._theme.set(_named(appearance.THEMES, appearance.remembered_theme(db)))
        self._text_size.set(_named(_TEXT_SIZES, appearance.remembered_text_size(db)))
        self._lock.set(str(recall(db, "lock_after_minutes", LOCK_AFTER_MINUTES)))
        self._filled = self._texts()

    def _texts(self) -> list[str]:
        others: tuple[Field[Any], ...] = (self._theme, self._text_size, self._lock)
        return [field.text() for field in (*self._shop.values(), *others)]

    def focus_first(self) -> None:
        """Focus the shop's name."""
        self._shop["shop_name"].widget.focus_set()

    def save(self) -> None:
        """Save both forms; the shop's only if it was changed."""
        self.desk.do(self._change_shop, self._saved)

    def _change_shop(self) -> Shop:
        wanted = {key: field.value() for key, field in self._shop.items()}
        self._keep_pc()
        changes = {key: text for key, text in wanted.items() if text != self._present()[key]}
        return change_settings(self.desk.db, changes) if changes else self.desk.shop

    def _present(self) -> dict[str, str]:
        shop = self.desk.shop
        limit = shop.variance_limit_minor
        return {
            "shop_name": shop.name,
            "shop_address": shop.address,
            "shop_phone": shop.phone,
            "currency": shop.currency.code,
            "day_starts_at": str(shop.day_starts_at),
            "date_order": shop.date_order,
            "variance_limit": "" if limit is None else str(limit),
            "blind_count": "1" if shop.is_blind_count else "0",
        }

    def _keep_pc(self) -> None:
        """Save this PC's settings; theme and text size apply at once."""
        db = self.desk.db
        theme, size, minutes = self._theme.value(), self._text_size.value(), self._lock.value()
        remember(db, "lock_after_minutes", minutes)
        if (theme, size) != (appearance.remembered_theme(db), appearance.remembered_text_size(db)):
            remember(db, "theme", theme)
            remember(db, "text_size", size)
            appearance.show_theme(theme)
            appearance.set_text_size(size)

    def _saved(self, _shop: Shop) -> None:
        self.desk.changed(SETTINGS_CHANGED)
        self.desk.tell(_("Settings are saved."))


def _named(choices: dict[str, str] | dict[str, int], value: str | int) -> str:
    return next((name for name, known in choices.items() if known == value), "")


def _read_lines(typed: str) -> str:
    lines = [line.strip() for line in typed.split(";")]
    return clean_text(_("The address"), "\n".join(line for line in lines if line), limit=1000, lines=True)


def _read_hour(typed: str) -> str:
    return choice(ascii_digits(typed).strip() or "0", tuple(str(hour) for hour in range(13)))


def _read_minutes(typed: str) -> int:
    refusal = Refusal("minutes_invalid", text=typed, most=_LONGEST_MINUTES)
    return read_number(typed.strip() or "0", _LONGEST_MINUTES, refusal)
