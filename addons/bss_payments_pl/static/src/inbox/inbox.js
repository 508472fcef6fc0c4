/** @odoo-module **/

import { onMounted, onWillStart, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { keysFor } from "./inbox_keys";
import { InboxModel } from "./inbox_model";
import { useRematch } from "./inbox_rematch";
import { Split } from "./inbox_split";
import { InboxWords } from "./inbox_words";

const TYPING = 200; // ms after the last letter until the server is asked

/** Payments to decide, made for the keyboard: the next payment, its candidates, one key, the next payment. */
export class PaymentInbox extends InboxWords {
    static template = "bss_payments_pl.Inbox";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.model = useState(new InboxModel(useService("orm")));
        this.ui = useState({ mode: "list", busy: false, error: "", last: null, at: 0, raw: false, ...this.noRule });
        this.search = useState({ text: "", found: [], at: 0, asked: false, back: "list" });
        this.split = useState({ now: null });
        this.rematch = useRematch(
            (run) => this.model.howFar(run),
            (told) => this.matched(told)
        );
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        this.findSoon = useDebounced(() => this.find(), TYPING);
        this.filterSoon = useDebounced(() => this.run(() => this.model.load()), TYPING);
        useExternalListener(window, "keydown", (ev) => this.onKey(ev));
        onWillStart(() => this.model.load());
        onMounted(() => this.focus());
        useEffect(
            () => {
                this.root.el?.querySelector(".o_bss_inbox_row.o_current")?.scrollIntoView({ block: "nearest" });
            },
            () => [this.model.cursor, this.model.rows.length]
        );
        useEffect(
            () => {
                this.root.el?.querySelector("[data-autofocus]")?.focus();
            },
            () => [this.ui.mode, this.split.now?.cursor, this.split.now?.parts.length]
        );
    }

    get keys() {
        return keysFor(this.model.rights);
    }

    get hints() {
        return this.keys.filter((key) => key.short);
    }

    get noRule() {
        return { rule: false, words: "" };
    }

    // --- moving

    next() {
        return this.go(this.model.cursor + 1);
    }

    previous() {
        return this.go(this.model.cursor - 1);
    }

    pageDown() {
        return this.go(this.model.cursor + 10);
    }

    pageUp() {
        return this.go(this.model.cursor - 10);
    }

    first() {
        return this.go(0);
    }

    go(position) {
        Object.assign(this.ui, { mode: "list", error: "", raw: false, ...this.noRule });
        this.split.now = null;
        return this.run(() => this.model.show(position), true);
    }

    toList() {
        this.ui.mode = "list";
        this.split.now = null;
        this.focus();
    }

    focus() {
        this.root.el?.focus({ preventScroll: true });
    }

    chooseByKey(key) {
        this.choose(Number(key) - 1);
    }

    choose(index) {
        if (this.model.choose(index)) {
            this.ui.mode = "list";
        }
    }

    toDocuments() {
        if (this.model.account?.documents.length) {
            Object.assign(this.ui, { mode: "documents", at: 0 });
        }
    }

    toHelp() {
        this.ui.mode = "help";
    }

    toNote() {
        if (this.model.payment && this.model.rights.propose) {
            this.ui.mode = "note";
        }
    }

    toRule() {
        if (this.model.payment && this.model.rights.book) {
            Object.assign(this.ui, { mode: "rule", rule: true });
        }
    }

    toggleRaw() {
        this.ui.raw = !this.ui.raw;
    }

    toFilter() {
        this.root.el.querySelector(".o_bss_inbox_filters [data-first]").focus();
    }

    toText() {
        const field = this.root.el.querySelector(".o_bss_inbox_filters [type=search]");
        field.focus();
        field.select();
    }

    openList() {
        this.action.doAction("bss_payments_pl.bss_payment_match_action_to_decide");
    }

    toSplit() {
        if (this.model.rights.book && this.model.payment?.can_book && this.model.payment.amount > 0) {
            this.split.now = Split.of(this.model);
            this.ui.mode = "split";
        }
    }

    openForm() {
        if (this.model.row) {
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "bss.payment.match",
                res_id: this.model.row.id,
                views: [[false, "form"]],
            });
        }
    }

    // --- search

    toSearch() {
        if (this.model.payment) {
            Object.assign(this.search, { text: "", found: this.known, at: 0, asked: false, back: this.split.now ? "split" : "list" });
            this.ui.mode = "search";
        }
    }

    /** Before anything is typed: the candidates, then whom this payer paid for. */
    get known() {
        const { accounts, history } = this.model.detail;
        const shown = new Set(accounts.map((account) => account.id));
        const past = history.accounts.filter((account) => !shown.has(account.id));
        return [
            ...accounts.map((account) => ({ ...account, how: _t("candidate") })),
            ...past.map((account) => ({ ...account, how: _t("paid by this payer before") })),
        ];
    }

    typeSearch(ev) {
        this.search.text = ev.target.value;
        this.findSoon();
    }

    async find() {
        const { text } = this.search;
        const found = text.trim() ? await this.model.search(text) : this.known;
        if (text === this.search.text) {
            Object.assign(this.search, { found, at: 0, asked: Boolean(text.trim()) });
        }
    }

    take(found) {
        if (!found) {
            return;
        }
        this.run(async () => {
            const index = await this.model.add(found.id);
            if (this.split.now) {
                this.split.now.add(this.model.detail.accounts[index]);
                this.ui.mode = "split";
            } else {
                this.model.choose(index);
                this.toList();
            }
        });
    }

    // --- filters

    filter(name, ev) {
        this.model.filters[name] = ev.target.value;
        this.filterSoon();
    }

    // --- decisions

    get ruleToMake() {
        return this.ui.rule ? { words: this.ui.words } : null;
    }

    accept() {
        const { model } = this;
        if (!model.payment || !model.account) {
            this.ui.error = _t("Choose an account first: 1–9, or A to search.");
            return;
        }
        if (!model.rights.book) {
            return this.decide(() => model.propose());
        }
        if (!model.payment.can_book) {
            this.ui.error = _t("This line cannot be booked on an account; O opens its form.");
            return;
        }
        return this.decide(() => model.book(this.ruleToMake));
    }

    reject() {
        if (this.model.payment && this.model.rights.book) {
            return this.decide(() => this.model.reject(this.ruleToMake));
        }
    }

    bookSplit() {
        const { now } = this.split;
        if (!now.isWhole) {
            this.ui.error =
                now.parts.length < 2
                    ? _t("A split needs a second account: A searches one.")
                    : _t("Still to be shared out: %s", this.model.money(now.left));
            return;
        }
        return this.decide(() => this.model.split(now.parts));
    }

    decide(call) {
        return this.run(async () => {
            this.ui.last = await call();
            Object.assign(this.ui, { mode: "list", raw: false, ...this.noRule });
            this.split.now = null;
            this.focus();
        });
    }

    matchAgain() {
        if (this.model.rights.book && !this.rematch.state.now) {
            return this.run(async () => {
                const told = await this.model.matchAgain();
                if (told.kind === "matching") {
                    this.rematch.follow(told);
                } else {
                    this.ui.last = told;
                    this.ui.error = told.error;
                }
            });
        }
    }

    /** The job is done: its word goes to the foot, and the list is fresh unless somebody is in the middle of something. */
    async matched(told) {
        if (!told.stopped) {
            this.ui.last = told;
        }
        if (this.ui.mode === "list" && !this.ui.busy) {
            await this.run(() => this.model.refresh(), true);
        }
        this.ui.error = told.error || this.ui.error;
    }

    undo() {
        if (this.model.decided.length) {
            return this.run(async () => {
                const undone = await this.model.undo();
                this.ui.last = { ...undone, kind: "undone", left: 0, rule: "" };
            });
        }
    }

    saveNote(text) {
        return this.run(async () => {
            await this.model.note(text);
            this.toList();
        });
    }

    /** One call at a time; what the server refuses is told at the foot of the screen, the keys go on working. */
    async run(call, together = false) {
        if (this.ui.busy && !together) {
            return;
        }
        this.ui.busy = !together;
        this.ui.error = "";
        try {
            await call();
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            this.ui.error = error.data.message;
        } finally {
            this.ui.busy = false;
        }
    }
}

registry.category("actions").add("bss_payments_pl.inbox", PaymentInbox);
