"""From requests to what can be written: amounts, shapes, tiers, and the problems of single accounts."""

import logging
from collections import defaultdict
from typing import NamedTuple

from psycopg2 import OperationalError

from ..bulk_core import Amounts, InvoiceRequest, closed_form
from . import exemplar
from .eligibility import LineChecks, run_reason
from .engine import Engine
from .partners import read_partners
from .patterns import Patterns
from .vals import QUIET

_logger = logging.getLogger(__name__)

COPY, TUNED, STOCK = "copy", "tuned", "stock"
# an exemplar costs two invoices of the ORM: fewer than this many are cheaper without
FEWEST = 5


class Shape:
    """Requests whose invoices differ only in known columns; ``key``: what they have in common."""

    def __init__(self, key):
        self.key = key
        self.exemplar = None


class Ready(NamedTuple):
    """A request that can be invoiced; ``amounts`` and ``shape`` are None in the tier "stock"."""

    request: InvoiceRequest
    amounts: Amounts | None
    shape: Shape | None


class Setting:
    """What the requests of one run share; ``partners`` {id: Partner}."""

    def __init__(self, env, run):
        self.env = env(context={**env.context, **QUIET, "allowed_company_ids": run.company_id.ids})
        self.run = run.with_env(self.env)
        self.company = self.run.company_id
        self.journal = self.run.cycle_id.journal_id
        self.checks = LineChecks(self.env, self.run)
        self.engine = Engine(self.env, self.company)
        self.digits = self.checks.digits
        self.partners, self.rules = {}, {}

    def learn(self, requests):
        """Read what the requests name."""
        self.partners = read_partners(self.env, self.company, {one.partner_id for one in requests})
        self.checks.learn(requests)
        tax_ids = {tax_id for one in requests for line in one.lines for tax_id in line.tax_ids}
        self.rules = {tax_id: self.engine.rule(tax_id, self.checks.is_single(tax_id)) for tax_id in sorted(tax_ids)}

    def amounts(self, lines):
        """Amounts of an invoice with these lines."""
        found = closed_form(lines, self.rules, self.engine.per_line)
        return self.engine.ask(lines).amounts if found is None else found


class Prepared:
    """Requests sorted by what can be done with them.

    :ivar ready: [(request, amounts, shape)] in the order given
    :ivar problems: {item id: why it cannot be invoiced at all, in the user's language}
    :ivar tiers: {item id: (tier, reason)} of the ready ones; tier "copy", "tuned" or "stock", reason "" for "copy"
    """

    def __init__(self, setting, ready, problems, tiers):
        self.setting, self.ready, self.problems, self.tiers = setting, ready, problems, tiers

    def is_current(self):
        """Whether the customers are what they were when this was prepared; transactions may have ended since."""
        before = self.setting.partners
        ids = {one.request.partner_id for one in self.ready}
        now = read_partners(self.setting.env, self.setting.company, ids)
        return all(now.get(partner_id) == before.get(partner_id) for partner_id in ids)

    def item_ids(self):
        """Ids of the items of the ready ones, in their order."""
        return [one.request.item_id for one in self.ready]

    def merged(self):
        """[(charge, the one whose line it shares)] of the ready ones."""
        lines = [line for one in self.ready for line in one.request.lines if line.merged_ids]
        return [(charge_id, line.charge_id) for line in lines for charge_id in line.merged_ids]

    def split_kind(self, item_id):
        """(those of other kinds, those of the kind of this item): of one shape, with the same kinds of lines."""
        [kind] = [_kind(one) for one in self.ready if one.request.item_id == item_id]
        kin = {one.request.item_id for one in self.ready if _kind(one) == kind}
        others = [one for one in self.ready if one.request.item_id not in kin]
        return self._part(others), self.without({one.request.item_id for one in others})

    def tier(self, *names):
        """Those of these tiers."""
        return self._part([one for one in self.ready if self.tiers[one.request.item_id][0] in names])

    def without(self, item_ids):
        """Those of other items."""
        return self._part([one for one in self.ready if one.request.item_id not in item_ids])

    def slice(self, start, stop):
        """Those of a chunk."""
        return self._part(self.ready[start:stop])

    def _part(self, ready):
        ids = {one.request.item_id for one in ready}
        return Prepared(self.setting, ready, {}, {key: value for key, value in self.tiers.items() if key in ids})


def _kind(ready):
    return id(ready.shape), frozenset(map(exemplar.kind_of, ready.request.lines))


def prepare(env, run, requests, patterns=True):
    """Amounts, tiers and problems of invoice requests; nothing is written.

    Real invoices are made as patterns and undone, which uses up ids of sequences.
    :param patterns: False: make none, what could be written as rows goes to the tier "tuned"
    :param run: bill run; gives company, journal and invoice date
    :param requests: [InvoiceRequest]
    :return: Prepared
    """
    requests = list(requests)
    setting = Setting(env, run)
    journal_problem = _journal_problem(setting)
    if journal_problem:
        return Prepared(setting, [], {one.item_id: journal_problem for one in requests}, {})
    setting.learn(requests)
    general = run_reason(setting.env, setting.run)
    ready, problems, reasons, shapes = [], {}, {}, {}
    for request in requests:
        partner = setting.partners.get(request.partner_id)
        problem = setting.checks.problem(request, partner)
        if problem:
            problems[request.item_id] = problem
            continue
        reason = general or setting.checks.reason(request, partner)
        amounts = None
        if not reason:
            amounts = setting.amounts(request.lines)
            reason = _amount_reason(setting.env, amounts)
        if amounts and amounts.total < 0:
            problems[request.item_id] = setting.env._("The invoice would be negative.")
            continue
        if reason:
            reasons[request.item_id] = (STOCK, reason)
            ready.append(Ready(request, None, None))
            continue
        key = (partner.profile, request.date_due if not request.payment_term_id else None, request.payment_term_id)
        if key not in shapes:
            shapes[key] = Shape(key)
        ready.append(Ready(request, amounts, shapes[key]))
    if patterns:
        reasons.update(_build_exemplars(setting, ready))
    else:
        reasons.update({one.request.item_id: (TUNED, "") for one in ready if one.shape})
    tiers = {one.request.item_id: reasons.get(one.request.item_id, (COPY, "")) for one in ready}
    ready = [one if tiers[one.request.item_id][0] != STOCK else Ready(one.request, None, None) for one in ready]
    return Prepared(setting, ready, problems, tiers)


def explain(env, run, request):
    """(tier, reason) of one request as far as it can be told without a pattern; tier "" when there is a problem."""
    setting = Setting(env, run)
    problem = _journal_problem(setting)
    if not problem:
        setting.learn([request])
        partner = setting.partners.get(request.partner_id)
        problem = setting.checks.problem(request, partner)
    if problem:
        return "", problem
    reason = run_reason(setting.env, setting.run) or setting.checks.reason(request, partner)
    reason = reason or _amount_reason(setting.env, setting.amounts(request.lines))
    return (STOCK, reason) if reason else (COPY, "")


def _journal_problem(setting):
    env, journal = setting.env, setting.journal
    if not journal:
        return env._("Bill cycle %(name)s has no invoice journal.", name=setting.run.cycle_id.name)
    if not journal.active:
        return env._("Journal %(name)s is archived.", name=journal.name)
    return ""


def _amount_reason(env, amounts):
    if not amounts.total:
        return env._("The invoice is of 0.00.")
    if amounts.untaxed <= 0:
        return env._("The net amount is not above zero.")
    if any(one.amount < 0 for one in amounts.taxes):
        return env._("The amount of a tax is negative.")
    return ""


def _build_exemplars(setting, ready):
    """{item id: (tier, reason)} of those whose shape has no exemplar."""
    groups = defaultdict(list)
    for one in ready:
        if one.shape:
            groups[one.shape].append(one)
    reasons = {}
    patterns = Patterns(setting, [one.request for one in ready]) if groups else None
    for shape, members in groups.items():
        tier, reason = _find_exemplar(setting, patterns, shape, members)
        if reason:
            reasons.update({one.request.item_id: (tier, reason) for one in members})
    return reasons


def _find_exemplar(setting, patterns, shape, members):
    """The pattern of the shape, made when it is not known yet: (tier, reason)"""
    kinds = {exemplar.kind_of(line) for one in members for line in one.request.lines}
    shape.exemplar = patterns.get(shape.key, kinds)
    if shape.exemplar:
        return COPY, ""
    tier, reason = _build_exemplar(setting, shape, members)
    if shape.exemplar:
        shape.exemplar = patterns.keep(shape.key, shape.exemplar)
    return tier, reason


def _build_exemplar(setting, shape, members):
    env = setting.env
    if len(members) < FEWEST:
        return TUNED, env._("Only %(count)s invoices are of this kind.", count=len(members))
    if len({one.request.partner_id for one in members}) < 2:
        return TUNED, env._("There is no second customer of this kind to compare with.")
    try:
        shape.exemplar = exemplar.build(setting, members)
    except exemplar.RefusedError as error:
        return STOCK, str(error)
    except OperationalError:
        raise
    except Exception as error:
        # whatever a pattern raises, the run goes on without it
        _logger.info("%s: no pattern of an invoice: %s", setting.run.name, error, exc_info=True)
        return STOCK, env._("A pattern of the invoice could not be made: %(error)s", error=str(error).strip())
    return COPY, ""
