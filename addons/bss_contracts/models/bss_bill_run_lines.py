"""Which charges of an invoice share a line, by the setting of its account or cycle.

The requests of all ways of writing are made here, and the ordinary ORM merges its values by the same groups, so that an
invoice is the same whoever writes it. A charge whose line is shared points at it all the same.
"""

from dataclasses import replace

from odoo import fields, models

from ..bulk_core import Piece, groups

GROUPINGS = [("none", "One for each charge"), ("equal", "Equal charges together"), ("product", "By product")]


class BssBillCycle(models.Model):
    _inherit = "bss.bill.cycle"  # pylint: disable=consider-merging-classes-inherited

    line_grouping = fields.Selection(
        GROUPINGS,
        string="Lines of Invoices",
        required=True,
        default="none",
        help="Equal charges have the same product, text, price, VAT and period: forty services become a line of "
        "quantity 40. By product, one line sums up all charges of a product. Usage and corrections always have "
        "lines of their own. Accounts may say otherwise.",
    )


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    line_grouping = fields.Selection(
        GROUPINGS, string="Lines of Invoices", tracking=True, help="Empty: as the bill cycle says."
    )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    bss_charge_ids = fields.One2many(
        "bss.charge", "move_line_id", string="Charges", readonly=True, help="All charges that the line sums up."
    )


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_lines(self, rows, tax_ids):
        """Lines of an invoice, and the charges of each.

        :param rows: [ChargeRow] of one item
        :param tax_ids: for each row the ids of its taxes
        :return: [LineRequest], [rows of the line]
        """
        lines = [self._bss_line_request(row, own) for row, own in zip(rows, tax_ids, strict=True)]
        found = self._bss_line_groups(rows, lines)
        if not found:
            return lines, [(row,) for row in rows]
        first = {group.places[0]: group for group in found}
        others = {place for group in found for place in group.places[1:]}
        merged, owners = [], []
        for place, line in enumerate(lines):
            if place in others:
                continue
            group = first.get(place)
            merged.append(self._bss_merged_line(rows, line, group) if group else line)
            owners.append(tuple([rows[one] for one in group.places]) if group else (rows[place],))
        return merged, owners

    def _bss_line_groups(self, rows, lines):
        grouping = rows[0].line_grouping
        if grouping == "none" or len(rows) == 1:
            return []
        pieces = [self._bss_piece(row, line) for row, line in zip(rows, lines, strict=True)]
        return groups(pieces, grouping)

    def _bss_piece(self, row, line):
        name = row.name.removesuffix(f" {row.identifier}") if row.identifier else row.name
        return Piece(
            row.kind,
            line.product_id,
            line.tax_ids,
            line.name,
            self._bss_row_text(row, name, ""),
            line.quantity,
            line.price_unit,
            row.quantity,
            line.service_id,
            line.date_start,
            line.date_end,
        )

    def _bss_merged_line(self, rows, line, group):
        first = rows[group.places[0]]
        text = group.text
        if text is None:
            lang = first.lang or self.env.lang
            product = self.env["product.product"].with_context(lang=lang).browse(line.product_id)
            text = self._bss_line_text(product.name or "/", first.kind, group.date_start, group.date_end, lang)
        return replace(
            line,
            name=text,
            quantity=group.quantity,
            price_unit=group.price,
            service_id=group.service_id,
            date_start=group.date_start,
            date_end=group.date_end,
            merged_ids=tuple([rows[place].id for place in group.places[1:]]),
        )

    # -- the ordinary ORM ---------------------------------------------------------------------------

    def _bss_share_lines(self, item, vals, taxes):
        """Merge the lines in the ``vals`` of an invoice as the grouping of the account says.

        :param taxes: {charge id: taxes}
        :return: [(charge id, id of the charge whose line it shares)]
        """
        grouping = item.account_id.line_grouping or item.account_id.bill_cycle_id.line_grouping or "none"
        if grouping == "none":
            return []
        by_charge = {one["bss_charge_id"]: one for _command, _id, one in vals["invoice_line_ids"]}
        rows = [row for row in self._bss_charge_rows(item.ids) if row.id in by_charge]
        lines, _owners = self._bss_lines(rows, [tuple(taxes[row.id].ids) for row in rows])
        pairs = []
        for line in lines:
            if line.merged_ids:
                own = by_charge[line.charge_id]
                own.update(
                    name=line.name,
                    quantity=float(line.quantity),
                    price_unit=float(line.price_unit),
                    bss_service_id=line.service_id,
                    bss_date_start=line.date_start,
                    bss_date_end=line.date_end,
                )
                pairs += [(charge_id, line.charge_id) for charge_id in line.merged_ids]
        gone = {charge_id for charge_id, _leader in pairs}
        vals["invoice_line_ids"] = [one for one in vals["invoice_line_ids"] if one[2]["bss_charge_id"] not in gone]
        return pairs
