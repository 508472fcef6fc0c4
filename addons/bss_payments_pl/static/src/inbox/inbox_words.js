/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";
import { InboxKeyboard } from "./inbox_keyboard";

/** What the inbox says of what was done, of ages, orders and numbers. */
export class InboxWords extends InboxKeyboard {
    get lastWords() {
        const { last } = this.ui;
        const amount = this.model.money(last.amount || 0, last.currency);
        const whom = [last.number, last.customer].filter(Boolean).join(" ");
        const words = {
            gone: () => _t("Somebody else has just decided this payment."),
            booked: () => _t("%(amount)s booked on %(whom)s.", { amount, whom }),
            split: () => _t("%(amount)s split and booked.", { amount }),
            rejected: () => _t("%(amount)s set aside: no customer's payment.", { amount }),
            proposed: () => _t("Account %(whom)s proposed for %(amount)s.", { amount, whom }),
            matched: () => _t("All matched again; booked without a clerk: %s.", this.number(last.booked)),
            undone: () => _t("Taken back: %(amount)s waits again.", { amount }),
        };
        const left = last.left > 0 ? _t("Overpaid, kept as credit: %s.", this.model.money(last.left, last.currency)) : "";
        return [words[last.kind](), left, last.rule && _t("Rule made: %s.", last.rule)].filter(Boolean).join(" ");
    }

    get matchingWords() {
        const { done, total, booked } = this.rematch.state.now;
        return _t("Matching again: %(done)s of %(total)s, booked without a clerk: %(booked)s. You may go on meanwhile.", {
            done: this.number(done),
            total: this.number(total),
            booked: this.number(booked),
        });
    }

    get ages() {
        return { "0-1": _t("0–1 days"), "2-7": _t("2–7 days"), "8-30": _t("8–30 days"), "over-30": _t("over 30 days") };
    }

    get orders() {
        return { oldest: _t("Oldest first"), newest: _t("Newest first"), largest: _t("Largest first"), smallest: _t("Smallest first") };
    }

    ageColour(days) {
        return days > 30 ? "danger" : days > 7 ? "warning" : days > 1 ? "info" : "success";
    }

    get ruleSubject() {
        const { payer_nrb: number, payer } = this.model.payment;
        return number ? _t("from account %s", number) : _t("from “%s”", payer || "?");
    }

    number(value) {
        return (value || 0).toLocaleString(document.documentElement.lang || undefined, { useGrouping: "always" });
    }
}
