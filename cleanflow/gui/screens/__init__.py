"""The screens, one file each; a new one is one line in a list here."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.audit import Audit
from cleanflow.gui.screens.board import Board
from cleanflow.gui.screens.customer_page import CustomerPage
from cleanflow.gui.screens.customers import Customers
from cleanflow.gui.screens.day_close import DayClose
from cleanflow.gui.screens.expenses import Expenses
from cleanflow.gui.screens.job_page import JobPage
from cleanflow.gui.screens.jobs import Jobs
from cleanflow.gui.screens.ledger import Ledger
from cleanflow.gui.screens.new_job import NewJob
from cleanflow.gui.screens.payment_page import PaymentPage
from cleanflow.gui.screens.payments import Payments
from cleanflow.gui.screens.print_page import PrintPage
from cleanflow.gui.screens.reports import Reports
from cleanflow.gui.screens.safekeeping import Safekeeping
from cleanflow.gui.screens.services import Services
from cleanflow.gui.screens.settings import Settings
from cleanflow.gui.screens.sync import Sync
from cleanflow.gui.screens.take_payment import TakePayment
from cleanflow.gui.screens.today import Today
from cleanflow.gui.screens.users import Users
from cleanflow.gui.screens.waiting_prints import WaitingPrints

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
