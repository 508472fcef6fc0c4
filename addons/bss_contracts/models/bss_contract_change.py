import logging

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools.misc import format_date, format_datetime
from psycopg2 import OperationalError

from ..enact import enact

_logger = logging.getLogger(__name__)

KINDS = [
    ("annex", "Annex"),
    ("price", "Price change"),
    ("address", "Address and delivery"),
    ("number", "Number change"),
    ("relocation", "Relocation"),
    ("suspension", "Suspension"),
    ("resumption", "Resumption"),
    ("assignment", "Assignment"),
    ("termination", "Termination"),
    ("renewal", "Renewal"),
]
# states of a contract in which it can be changed
CHANGEABLE = ("active", "suspended")
IN_FORCE = ("confirmed", "done")
DRAFT = ("state", "draft")
# what only the steps of the change itself write
SYSTEM_FIELDS = {
    "name",
    "state",
    "undo_data",
    "document_id",
    "preview_html",
    "preview_refused",
    "needs_manager",
    "result_contract_id",
    "claw_back_data",
}
# a confirmed change is a document: only notes, messages and activities may still be written
FREE_PREFIXES = ("note", "message_", "activity_", "my_activity_")


class BssContractChange(models.Model):
    """One dated change in the life of a contract.

    Each kind has a file of its own that fills these steps, named ``_bss_<step>_<kind>``:

    - ``services``: the services concerned (default: those of the lines);
    - ``check``: refuses with clear words what makes no sense;
    - ``enter``: writes the rows of the timelines, services and identifiers, so that bills issued before the
      day know of it; the preview does exactly this and rolls it back, so it must not touch the world outside;
    - ``order``: asks the network, for its day;
    - ``finish``: what happens on the day itself;
    - ``take_back``: undoes ``enter`` where the rows of the timelines do not take themselves back.
    """

    _name = "bss.contract.change"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Contract Change"
    _order = "date_effective desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "contract_id"]

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        copy=False,
        default="/",
        index="trigram",
        help="Given when the change is confirmed.",
    )
    contract_id = fields.Many2one(
        "bss.contract", required=True, index=True, check_company=True, ondelete="restrict", tracking=True
    )
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        compute="_compute_account_id",
        store=True,
        precompute=True,
        index=True,
        help="Account of the contract when the change was made.",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="annex", index=True, tracking=True)
    date_signed = fields.Date(
        string="Signed On",
        required=True,
        default=lambda self: self._bss_today(),
        help="Day on which the customer agreed or the declaration arrived.",
    )
    date_effective = fields.Date(
        string="Holds From",
        required=True,
        compute="_compute_date_effective",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="First day of the new state, included.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("done", "Done"),
            ("undone", "Undone"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    revision = fields.Integer(
        compute="_compute_revision",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Revision of the contract on which this change was drafted.",
    )
    line_ids = fields.One2many("bss.contract.change.line", "change_id", string="What changes", copy=True)
    reason = fields.Char(help="Why, in words that may stand on the document.")
    note = fields.Text(string="Internal Note")
    preview_html = fields.Html(
        string="Effect on the Next Bill",
        readonly=True,
        copy=False,
        sanitize=False,
        help="The next bill before and after the change.",
    )
    document_id = fields.Many2one(
        "bss.document", readonly=True, copy=False, index="btree_not_null", check_company=True, ondelete="restrict"
    )
    order_ids = fields.One2many("bss.service.order", "change_id", string="Service Orders", readonly=True)
    charge_ids = fields.One2many("bss.charge", "change_id", string="Charges", readonly=True)
    undo_data = fields.Json(readonly=True, copy=False, help="What was there before, for taking the change back.")
    can_undo = fields.Boolean(compute="_compute_can_undo")

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'", "A contract change with this number exists already."
    )
    _due = models.Index("(date_effective) WHERE state = 'confirmed'")

    @api.depends("contract_id")
    def _compute_account_id(self):
        for change in self:
            change.account_id = change.contract_id.account_id

    @api.depends("kind")
    def _compute_date_effective(self):
        for change in self:
            change.date_effective = change.date_effective or change._bss_today()

    @api.depends("contract_id")
    def _compute_revision(self):
        for change in self:
            change.revision = change.contract_id.revision

    @api.depends("state", "date_effective")
    def _compute_can_undo(self):
        today = self._bss_today()
        for change in self:
            change.can_undo = change.state == "confirmed" and change.date_effective > today

    @api.depends("name", "kind", "contract_id.name")
    def _compute_display_name(self):
        for change in self:
            label = change._bss_kind_label()
            if change.name != "/":
                change.display_name = f"{change.name} {label}"
            elif change.contract_id:
                change.display_name = self.env._(
                    "Draft: %(kind)s, %(contract)s", kind=label, contract=change.contract_id.name
                )
            else:
                change.display_name = label

    def _bss_kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, "")

    # -- guards of the record -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._bss_refuse_system_fields(name for name in vals if vals[name] and (name, vals[name]) != DRAFT)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._bss_refuse_system_fields(vals)
            if self._bss_content(vals) and any(change.state != "draft" for change in self):
                raise UserError(
                    self.env._("A confirmed change stays as it is: undo it before its date, or make a new one.")
                )
        if self._bss_content(vals):
            vals = {"preview_html": False, "claw_back_data": False, **vals}
        return super().write(vals)

    @staticmethod
    def _bss_content(names):
        return [name for name in names if name not in SYSTEM_FIELDS and not name.startswith(FREE_PREFIXES)]

    def _bss_refuse_system_fields(self, names):
        if SYSTEM_FIELDS & set(names):
            raise AccessError(self.env._("Number, state and document of a change follow from confirming it."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(change.state != "draft" for change in self):
            raise UserError(self.env._("Only a draft change can be deleted; undo a confirmed one before its date."))

    # -- life ---------------------------------------------------------------------------------------

    def action_confirm(self):
        """The change is agreed: timelines, orders, document; it takes effect at once when its day has come."""
        self.check_access("write")
        for change in self:
            change._bss_confirm()
        return True

    def _bss_confirm(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%(name)s is confirmed already.", name=self.display_name))
        self._bss_lock()
        self.line_ids.promotion_ids._bss_take_turn()
        self._bss_check()
        number = (
            self.env["ir.sequence"]
            .with_company(self.company_id)
            .next_by_code("bss.contract.change", sequence_date=self.date_signed)
        )
        self.sudo().write({"name": number})
        self._bss_step("enter")
        self._bss_continue()
        self._bss_step("order")
        self.sudo().write({"state": "confirmed"})
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])  # whoever was asked to confirm it need not
        self.contract_id._bss_move_on()
        self._bss_archive()
        self._bss_note(self.env._("%(change)s confirmed, from %(day)s", change=self.display_name, day=self._bss_day()))
        if self.date_effective <= self._bss_today():
            self._bss_finish()

    def _bss_finish(self):
        """Its day has come: what is agreed becomes the present."""
        for change in self:
            change._bss_step("finish")
            change._bss_services()._bss_sync_current()
            change.sudo().write({"state": "done"})

    def action_undo(self):
        """Before its day a change can be taken back, with everything it made."""
        self.check_access("write")
        for change in self:
            change._bss_refuse_undo()
            change._bss_lock(any_revision=True)
            change._bss_undo()
        return True

    def _bss_undo(self):
        services = self._bss_services()
        self.order_ids.filtered(lambda order: order.state in ("draft", "queued", "sent", "failed")).action_cancel()
        self._bss_take_back_charges()
        self._bss_step("take_back")
        services = services.exists()
        services._bss_undo_change(self)
        services._bss_recalculate()
        self.sudo().write({"state": "undone"})
        self._bss_continue()
        self.contract_id._bss_move_on()
        self._bss_note(self.env._("%(change)s undone", change=self.display_name))

    def _bss_refuse_undo(self):
        today = self._bss_today()
        for change in self:
            if change.state == "draft":
                raise UserError(self.env._("This change is a draft: delete it."))
            if change.state == "undone":
                raise UserError(self.env._("%(name)s is undone already.", name=change.display_name))
            if change.state == "done" or change.date_effective <= today:
                raise UserError(
                    self.env._(
                        "%(name)s holds since %(day)s and cannot be undone any more: make a new change.",
                        name=change.display_name,
                        day=change._bss_day(),
                    )
                )
            running = (
                change._bss_made_services()
                ._bss_without_heads()
                .filtered(lambda one: one.state in ("active", "suspended"))
            )
            if running:
                raise UserError(
                    self.env._(
                        "Activated already: %(services)s. Make an annex that removes what is not wanted.",
                        services=", ".join(running.mapped("display_name")),
                    )
                )
            later = change._bss_followers()
            if later:
                raise UserError(
                    self.env._(
                        "Undo the changes that build on %(name)s first: %(later)s.",
                        name=change.display_name,
                        later=", ".join(later.mapped("display_name")),
                    )
                )

    def _bss_followers(self):
        """Confirmed changes made after this one that concern services made by it or build on what it agreed."""
        self.ensure_one()
        made = self._bss_made_services()
        lines = self.env["bss.contract.change.line"].search(
            [("service_id", "in", made.ids), ("change_id.state", "in", IN_FORCE), ("change_id", "!=", self.id)]
        )
        later = self.contract_id.change_ids.filtered(
            lambda one: (
                one.state in IN_FORCE and one.revision > self.revision and one.date_effective >= self.date_effective
            )
        )
        return lines.change_id | later.filtered(self._bss_carries)

    def _bss_carries(self, other):
        """Whether ``other``, a later change, means nothing without this one."""
        if self.kind == "suspension":
            resumed = (other.undo_data or {}).get("services") or []
            return other.kind == "resumption" and bool(set(resumed) & set(self._bss_services().ids))
        replaced = self.line_ids.filtered(
            lambda line: line.action == "change" and line.product_id.id != (line.kept_before or {}).get("product")
        )
        priced = other.line_ids.filtered(lambda line: line.action == "price")
        return bool(replaced.service_id & priced.service_id)

    def _bss_made_services(self):
        """Services that exist only because of this change."""
        return self.line_ids.filtered(lambda line: line.action == "add").service_id

    @api.model
    def _cron_finish(self):
        """Confirmed changes whose day has come take effect; one that fails does not hold up the others."""
        due = self.search(
            [("state", "=", "confirmed"), ("date_effective", "<=", self._bss_today())],
            order="date_effective, id",
        )
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(due))
        for change_id in due.ids:
            change = self.browse(change_id)
            try:
                if change.try_lock_for_update() and change.state == "confirmed":
                    change._bss_finish()
            except OperationalError:
                raise  # lost the connection or a race: the cron runs again
            except Exception as error:
                self.env.cr.rollback()
                if not isinstance(error, UserError):
                    _logger.exception("Contract change %s could not take effect", change_id)
                change._bss_report_failure(error)
            if not progress(1):
                break

    def _bss_report_failure(self, error):
        """Somebody must look: an activity on the change, once."""
        self.ensure_one()
        if not self.activity_ids:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The change could not take effect"),
                note=str(error),
                user_id=self.create_uid.id,
            )

    # -- two clerks at once -------------------------------------------------------------------------

    def _bss_lock(self, any_revision=False):
        """Hold the contract for this transaction and refuse a draft made on an older state of it."""
        contract = self.contract_id
        try:
            contract.sudo().lock_for_update()
        except LockError:
            raise UserError(
                self.env._("Somebody else is changing contract %(name)s just now: try again.", name=contract.name)
            ) from None
        contract.invalidate_recordset(["revision", "revised_by_id", "revised_at", "state", "date_end"])
        if self.revision != contract.revision and not any_revision:
            raise UserError(
                self.env._(
                    "Contract %(name)s was changed by %(user)s on %(time)s, after this change was drafted. "
                    "Look at the contract, then press “Take over the present state”.",
                    name=contract.name,
                    user=contract.revised_by_id.sudo().name or "",
                    time=format_datetime(self.env, contract.revised_at),
                )
            )

    def action_refresh(self):
        """The clerk has seen what others changed meanwhile."""
        for change in self.filtered(lambda one: one.state == "draft"):
            enact(change, {"revision": change.contract_id.revision})
        return self.action_preview()

    # -- steps --------------------------------------------------------------------------------------

    def _bss_step(self, step):
        method = getattr(self, f"_bss_{step}_{self.kind}", None)
        return method() if method else None

    def _bss_services(self):
        """Services whose timeline the change touches."""
        self.ensure_one()
        services = self._bss_step("services")
        return self.line_ids.service_id if services is None else services

    @api.model
    def _bss_today(self):
        """Calendar day in Poland, whatever the time zone of the user or of a job."""
        return polish_day.today()

    def _bss_day(self, day=None):
        return format_date(self.env, day or self.date_effective)

    def _bss_note(self, text):
        self.contract_id._message_log(body=text)

    def _bss_remember(self, **values):
        """Keep what was there before, for undoing."""
        self.sudo().undo_data = {**(self.undo_data or {}), **values}
