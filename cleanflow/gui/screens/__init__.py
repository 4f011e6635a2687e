"""The screens, one file each; a new one is one line in a list here."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.books.audit import Audit
from cleanflow.gui.screens.books.ledger import Ledger
from cleanflow.gui.screens.books.print_page import PrintPage
from cleanflow.gui.screens.books.reports import Reports
from cleanflow.gui.screens.books.waiting_prints import WaitingPrints
from cleanflow.gui.screens.customers.customer_page import CustomerPage
from cleanflow.gui.screens.customers.customers import Customers
from cleanflow.gui.screens.jobs.board import Board
from cleanflow.gui.screens.jobs.job_page import JobPage
from cleanflow.gui.screens.jobs.jobs import Jobs
from cleanflow.gui.screens.jobs.new_job import NewJob
from cleanflow.gui.screens.jobs.services import Services
from cleanflow.gui.screens.money.day_close import DayClose
from cleanflow.gui.screens.money.expenses import Expenses
from cleanflow.gui.screens.money.payment_page import PaymentPage
from cleanflow.gui.screens.money.payments import Payments
from cleanflow.gui.screens.money.take_payment import TakePayment
from cleanflow.gui.screens.money.today import Today
from cleanflow.gui.screens.shop.safekeeping import Safekeeping
from cleanflow.gui.screens.shop.settings import Settings
from cleanflow.gui.screens.shop.sync import Sync
from cleanflow.gui.screens.shop.users import Users

#: In the order of the side bar: the counter's, then the desk's.
SCREENS: tuple[type[Screen], ...] = (
    Today,
    NewJob,
    Jobs,
    TakePayment,
    Customers,
    Expenses,
    Reports,
    DayClose,
    Ledger,
    Settings,
    Board,
    Payments,
    Services,
    Users,
    Audit,
    Sync,
    Safekeeping,
)

#: Those that other screens lead to.
PAGES: tuple[type[Screen], ...] = (JobPage, PaymentPage, CustomerPage, PrintPage, WaitingPrints)
