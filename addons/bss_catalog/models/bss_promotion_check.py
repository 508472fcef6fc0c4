from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import decimal, promotion_facts
from ..catalog_core import PromotionSurroundings, validate_promotion

# Everything the findings are made of
CHECKED = (
    "code",
    "state",
    "date_start",
    "date_end",
    "target",
    "product_ids",
    "bundle_id",
    "min_term_months",
    "max_term_months",
    "teryt_prefixes",
    "any_competitor",
    "competitor_ids",
    "is_exclusive",
    "incompatible_ids",
)


class BssPromotion(models.Model):
    _inherit = "bss.promotion"  # pylint: disable=consider-merging-classes-inherited

    problem_text = fields.Text(string="Findings", compute="_compute_problem_text")
    has_errors = fields.Boolean(compute="_compute_problem_text")

    @api.depends(
        *CHECKED,
        "step_ids.month_from",
        "step_ids.month_to",
        "step_ids.kind",
        "step_ids.value",
        "step_ids.unit",
        "step_ids.quantity",
    )
    def _compute_problem_text(self):
        for promotion in self:
            problems = promotion._bss_problems() if promotion.code else []
            promotion.problem_text = "\n".join(self._bss_problem_message(problem) for problem in problems)
            promotion.has_errors = any(problem.is_error for problem in problems)

    def _bss_problems(self):
        """Findings of the validator (kernel values, errors first)."""
        self.ensure_one()
        return validate_promotion(promotion_facts(self), self._bss_surroundings())

    def _bss_surroundings(self):
        versions = self.with_context(active_test=False).search(
            [
                ("code", "=", self.code),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "on_sale"),
                ("id", "!=", self._origin.id),
            ]
        )
        exclusive = (self.incompatible_ids | self.incompatible_by_ids).filtered("is_exclusive")
        return PromotionSurroundings(
            other_versions=tuple((one.date_start or None, one.date_end or None) for one in versions),
            exclusive_ids=frozenset(exclusive._origin.ids),
            list_prices=tuple((one.display_name, decimal(one.lst_price)) for one in self.product_ids),
        )

    @api.constrains(*CHECKED, "step_ids")
    def _check_on_sale(self):
        for promotion in self.filtered(lambda one: one.state == "on_sale"):
            errors = [problem for problem in promotion._bss_problems() if problem.is_error]
            if errors:
                raise ValidationError(
                    self.env._(
                        "Promotion %(promotion)s cannot be on sale:\n%(problems)s",
                        promotion=promotion.display_name,
                        problems="\n".join(f"• {self._bss_problem_message(error)}" for error in errors),
                    )
                )

    @api.constrains("product_ids", "target")
    def _check_products(self):
        wanted = {"recurring": ("recurring",), "activation": ("recurring", "one_off")}
        for promotion in self:
            for product in promotion.product_ids:
                if product.bss_is_bundle:
                    raise ValidationError(
                        self.env._(
                            "%(name)s is a bundle: name its parts, and the bundle under “Only in the bundle”.",
                            name=product.display_name,
                        )
                    )
                if product.bss_offering_kind not in wanted[promotion.target]:
                    raise ValidationError(self.env._("%(name)s has no such fee to change.", name=product.display_name))

    @api.model
    def _bss_problem_message(self, problem):
        return self._bss_problem_templates()[problem.code] % problem.params

    @api.model
    def _bss_problem_templates(self):
        return {
            "DATES_REVERSED": self.env._("The sale ends (%(end)s) before it begins (%(start)s)."),
            "VERSION_OVERLAP": self.env._(
                "Another version is on sale %(start)s – %(end)s: withdraw it or end its sale first."
            ),
            "TERMS_REVERSED": self.env._("The shortest term (%(least)s months) is above the longest (%(most)s)."),
            "BAD_TERYT": self.env._("“%(prefix)s” is no TERYT prefix: up to seven digits, separated by commas."),
            "COMPETITORS_TWICE": self.env._("Check: with competitors named, any other one does not count."),
            "EXCLUDES_ITSELF": self.env._("The promotion is on its own list “cannot be combined with”."),
            "EXCLUSIVE_WITH_LIST": self.env._(
                "A promotion that stands alone cannot be combined with any other: empty its list."
            ),
            "LISTS_EXCLUSIVE": self.env._(
                "Check: a promotion on the list “cannot be combined with” stands alone anyway."
            ),
            "NO_STEPS": self.env._("The promotion has no steps: it changes nothing."),
            "ACTIVATION_STEPS": self.env._(
                "An activation fee is charged once: its steps are price steps of month 1 only."
            ),
            "MONTH_BEFORE_FIRST": self.env._("A step begins in month %(month)s: the first month is 1."),
            "MONTHS_REVERSED": self.env._("The step from month %(first)s ends in month %(last)s, before it begins."),
            "EMPTY_UNITS": self.env._("The free units from month %(first)s have no unit or no quantity."),
            "NEGATIVE_VALUE": self.env._("The step from month %(first)s has a value below zero."),
            "PERCENT_TOO_HIGH": self.env._(
                "The step from month %(first)s takes off %(value)s %%, more than the price."
            ),
            "EMPTY_STEP": self.env._("The step from month %(first)s takes nothing off."),
            "BEYOND_TERM": self.env._(
                "The step of months %(first)s – %(last)s goes beyond the longest term of %(most)s months."
            ),
            "AFTER_OPEN_STEP": self.env._(
                "The step from month %(month)s begins while the one from month %(first)s has no end."
            ),
            "STEPS_OVERLAP": self.env._("Month %(month)s has two prices: the steps overlap."),
            "STEPS_GAP": self.env._(
                "Months %(first)s – %(last)s lie between two steps and have none: enter 0 %% when the list price is meant."
            ),
            "LATE_START": self.env._("Check: up to month %(last)s the list price is paid."),
            "NO_EFFECT": self.env._("All steps take 0 %% off: the promotion changes nothing."),
            "RAISES_PRICE": self.env._(
                "Check: %(offering)s costs %(price)s, less than a fixed price of the promotion."
            ),
            "PER_PART": self.env._(
                "Check: the amount counts for each part of the bundle; name the offering it is meant for."
            ),
        }
