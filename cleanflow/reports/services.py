"""The services of a period: how many jobs of each, what was agreed, what that became.

A job counts on its own business date, a change of its price on the change's. So what is left agrees with the
income of the profit and loss, less what was written off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.language import _
from cleanflow.rendering.document import Column, Document, Section, Table
from cleanflow.reports.pages.letterhead import on_letterhead
from cleanflow.reports.periods import Period, period


@dataclass(frozen=True)
class ServiceLine:
    """One service, ``""`` for jobs without one; ``adjustments_minor`` < 0 was taken off.

    ``below_list_minor`` <= 0 is how much less than the price list the jobs were agreed for.
    """

    service: str
    jobs: int
    agreed_minor: int
    below_list_minor: int
    adjustments_minor: int

    @property
    def total_minor(self) -> int:
        """What was agreed, with the adjustments."""
        return self.agreed_minor + self.adjustments_minor


@dataclass(frozen=True)
class ServicesReport:
    """The services of ``period``, the largest total first."""

    period: Period
    shop: Shop
    services: tuple[ServiceLine, ...]

    @property
    def agreed_minor(self) -> int:
        """What was agreed for all jobs."""
        return sum(line.agreed_minor for line in self.services)

    @property
    def adjustments_minor(self) -> int:
        """What was changed afterwards: adjustments, discounts, cancellations, write-offs."""
        return sum(line.adjustments_minor for line in self.services)

    @property
    def total_minor(self) -> int:
        """What is left."""
        return self.agreed_minor + self.adjustments_minor


def services_report(db: Database, first: date | str, last: date | str) -> ServicesReport:
    """The services of the business dates from ``first`` to ``last``. Refuses with ``date_invalid``."""
    chosen = period(first, last)
    query = """
        SELECT coalesce(services.name, '') AS service, sum(jobs) AS jobs, sum(agreed_minor) AS agreed_minor,
               sum(below_list_minor) AS below_list_minor, sum(adjustments_minor) AS adjustments_minor
          FROM (
            SELECT service_type_id, count(*) AS jobs, sum(amount_minor) AS agreed_minor,
                   sum(min(amount_minor - coalesce(list_price_minor, 0), 0)) AS below_list_minor,
                   0 AS adjustments_minor
              FROM jobs WHERE kind = 'SERVICE' AND business_date BETWEEN :first AND :last
             GROUP BY service_type_id
            UNION ALL
            SELECT service_type_id, 0, 0, 0, sum(changes.amount_minor)
              FROM job_adjustments AS changes JOIN jobs ON jobs.id = changes.job_id
             WHERE jobs.kind = 'SERVICE' AND changes.business_date BETWEEN :first AND :last
             GROUP BY service_type_id
          ) AS moved LEFT JOIN service_types AS services ON services.id = service_type_id
         GROUP BY service_type_id
    """
    with snapshot(db):
        shop = get_shop(db)
        rows = db.rows(query, {"first": chosen.first, "last": chosen.last})
        lines = [ServiceLine(**dict(row)) for row in rows]
    return ServicesReport(chosen, shop, tuple(sorted(lines, key=_largest_first)))


def _largest_first(line: ServiceLine) -> tuple[int, str]:
    return -line.total_minor, line.service.casefold()


def services_document(report: ServicesReport) -> Document:
    """One table: service, jobs, agreed, below the list, adjustments, total."""
    columns = (
        Column(_("Service"), share=1),
        Column(_("Jobs"), "number"),
        Column(_("Agreed"), "money"),
        Column(_("Of it below list"), "money"),
        Column(_("Adjustments"), "money"),
        Column(_("Total"), "money"),
    )
    rows = tuple(
        (
            line.service or _("No service"),
            line.jobs,
            line.agreed_minor,
            line.below_list_minor or None,
            line.adjustments_minor or None,
            line.total_minor,
        )
        for line in report.services
    )
    table = Table(
        columns,
        rows,
        totals=(
            _("Total"),
            sum(line.jobs for line in report.services),
            report.agreed_minor,
            sum(line.below_list_minor for line in report.services),
            report.adjustments_minor,
            report.total_minor,
        ),
        when_empty=_("No jobs were made."),
    )
    note = _("Adjustments are all later changes of price, also of older jobs, and what was written off.")
    section = Section(_("Jobs by service"), tables=(table,), notes=(note,) if rows else ())
    subtitle = report.period.shown(report.shop.date_order)
    return on_letterhead(report.shop, _("Services"), subtitle, (section,))
