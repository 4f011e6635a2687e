"""Service types with their prices, and expense categories."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.dao.expenses import Category, add_category, edit_category, list_categories
from cleanflow.dao.services import ServiceType, add_service, edit_service, list_services
from cleanflow.gui.desk import SETTINGS_CHANGED, Action
from cleanflow.gui.reading import read_optional_amount, reader
from cleanflow.gui.screen import Screen
from cleanflow.gui.widgets.records import Column
from cleanflow.gui.widgets.register import Register
from cleanflow.language import _
from cleanflow.records.money_in_and_out import EXPENSE_CATEGORIES
from cleanflow.records.work import SERVICE_TYPES


class Services(Screen):
    """Two registers, one shown at a time."""

    name = "services"
    title = _("Services")
    key = "Shift-F7"
    icon = "tags"
    help = _(
        "Services with the price proposed for a new job (empty: asked each time), and the categories"
        " of expenses. A new price changes no earlier job. Services and categories are taken out of"
        " use, never deleted."
    )
    actions = (
        Action("Control-s", _("Save"), "save", is_primary=True),
        Action("Control-n", _("New"), "new"),
        Action("Control-q", _("In or out of use"), "toggle"),
        Action("Control-y", _("Services"), "show_services"),
        Action("Control-w", _("Expense categories"), "show_categories"),
    )
    refresh_on = (SETTINGS_CHANGED,)

    def build(self) -> None:
        """Build both registers."""
        self._build_services()
        self._build_categories()
        self._shows_services = True
        self._services.pack(fill="both", expand=True)

    def _build_services(self) -> None:
        unit = self.desk.shop.currency
        columns: list[Column[ServiceType]] = [
            Column("name", _("Service"), 220, lambda service: service.name, stretches=True),
            Column("price", _("Price"), 120, lambda service: _price(unit.format, service), is_right=True),
        ]
        self._services = Register(
            self.body,
            self.desk,
            "service_types",
            columns,
            read=lambda: list_services(self.desk.db, with_inactive=True),
            identify=lambda service: service.id,
            title=lambda service: service.name,
            is_active=lambda service: service.is_active,
            new_title=_("New service"),
            empty=_("No services yet. Enter the first one at the right."),
            event=SETTINGS_CHANGED,
        )
        form = self._services.form
        self._service_name = form.add(_("Service"), reader(SERVICE_TYPES["name"]))
        self._price = form.add(_("Price"), lambda text: read_optional_amount(text, unit))
        self._services.use(self._fill_service, self._write_service)

    def _build_categories(self) -> None:
        columns: list[Column[Category]] = [
            Column("name", _("Category"), 260, lambda category: category.name, stretches=True)
        ]
        self._categories = Register(
            self.body,
            self.desk,
            "expense_categories",
            columns,
            read=lambda: list_categories(self.desk.db, with_inactive=True),
            identify=lambda category: category.id,
            title=lambda category: category.name,
            is_active=lambda category: category.is_active,
            new_title=_("New category"),
            empty=_("No categories yet. Enter the first one at the right."),
            event=SETTINGS_CHANGED,
        )
        self._category_name = self._categories.form.add(_("Category"), reader(EXPENSE_CATEGORIES["name"]))
        self._categories.use(self._fill_category, self._write_category)

    @property
    def _shown(self) -> Register[ServiceType] | Register[Category]:
        return self._services if self._shows_services else self._categories

    def refresh(self) -> None:
        """Read the shown list again."""
        self._shown.refresh()

    def focus_first(self) -> None:
        """Focus the form's first field."""
        self._shown.focus_form()

    def show_services(self) -> None:
        """Show the services."""
        self._switch(True)

    def show_categories(self) -> None:
        """Show the categories of expenses."""
        self._switch(False)

    def _switch(self, shows_services: bool) -> None:
        self._shows_services = shows_services
        shown, hidden = (
            (self._services, self._categories) if shows_services else (self._categories, self._services)
        )
        self.head(_("Services") if shows_services else _("Expense categories"))
        hidden.pack_forget()
        shown.pack(fill="both", expand=True)
        self.refresh()
        self.focus_first()

    def new(self) -> None:
        """Empty the form for a new record."""
        self._shown.new()

    def save(self) -> None:
        """Save the form."""
        self._shown.save()

    def toggle(self) -> None:
        """Take the chosen record out of use, or back into use."""
        db = self.desk.db
        if self._shows_services:
            self._services.toggle(lambda service, active: edit_service(db, service.id, is_active=active))
        else:
            self._categories.toggle(lambda category, active: edit_category(db, category.id, is_active=active))

    def _fill_service(self, service: ServiceType | None) -> None:
        unit = self.desk.shop.currency
        self._service_name.set(service.name if service else "")
        self._price.set(unit.format(service.price_minor) if service and service.price_minor else "")

    def _write_service(self, service: ServiceType | None, record_id: str) -> ServiceType:
        name, price = self._service_name.value(), self._price.value()
        if service is None:
            return add_service(self.desk.db, name=name, price_minor=price, service_type_id=record_id)
        return edit_service(self.desk.db, service.id, name=name, price_minor=price)

    def _fill_category(self, category: Category | None) -> None:
        self._category_name.set(category.name if category else "")

    def _write_category(self, category: Category | None, record_id: str) -> Category:
        name = self._category_name.value()
        if category is None:
            return add_category(self.desk.db, name, category_id=record_id)
        return edit_category(self.desk.db, category.id, name=name)


def _price(money: Callable[[int], str], service: ServiceType) -> str:
    return money(service.price_minor) if service.price_minor else _("asked each time")
