/** @odoo-module **/

import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { formatCurrency } from "@web/core/currency";
import { payOrder } from "./inbox_order";

const SERVER = "bss.payment.inbox";
const PAGE = 80;
const AHEAD = 15; // rows below the cursor before the next page is asked for
const KEPT = 50; // decisions that can be taken back, the latest first

/** What waits, what is chosen and what it would pay. All amounts are whole minor units. */
export class InboxModel {
    constructor(orm) {
        this.orm = orm;
        this.rows = [];
        this.total = 0;
        this.facets = null;
        this.rights = { book: false, propose: false };
        this.filters = { order: "oldest", journal_id: "", reason: "", age: "", text: "" };
        this.cursor = 0;
        this.detail = null;
        this.chosen = 0;
        this.ticked = {};
        this.decided = [];
        this.ahead = {};
        this.asked = 0;
    }

    // --- the list

    async load() {
        const asked = ++this.asked;
        const page = await this.orm.call(SERVER, "load", [this.filters, 0, PAGE]);
        if (asked !== this.asked) {
            return; // the filter was changed while the server answered
        }
        this.ahead = {};
        Object.assign(this, { rows: page.rows, total: page.total, facets: page.facets, rights: page.rights, cursor: 0 });
        await this.show(0);
    }

    async more() {
        if (this.loading || this.rows.length >= this.total) {
            return;
        }
        this.loading = true;
        const asked = this.asked;
        try {
            const page = await this.orm.silent.call(SERVER, "load", [this.filters, this.rows.length, PAGE]);
            if (asked === this.asked) {
                const have = new Set(this.rows.map((row) => row.id));
                this.rows.push(...page.rows.filter((row) => !have.has(row.id)));
                this.total = page.rows.length ? page.total : this.rows.length;
            }
        } finally {
            this.loading = false;
        }
    }

    get row() {
        return this.rows[this.cursor];
    }

    /** Go to a row; its detail is often here already, asked for while the one before was looked at. */
    async show(position) {
        this.cursor = Math.max(0, Math.min(position, this.rows.length - 1));
        const row = this.row;
        if (!row) {
            this.detail = null;
            return;
        }
        if (this.cursor + AHEAD >= this.rows.length) {
            this.more();
        }
        const detail = await this.ask(row.id);
        if (this.row !== row) {
            return; // the user went on
        }
        if (detail.gone) {
            await this.drop(row.id);
            return;
        }
        this.detail = detail;
        this.choose(0);
        const next = this.rows[this.cursor + 1];
        if (next) {
            this.ask(next.id);
        }
    }

    ask(id) {
        const waiting = Object.keys(this.ahead);
        if (waiting.length > 20) {
            this.ahead = {};
        }
        if (!this.ahead[id]) {
            this.ahead[id] = this.orm.silent.call(SERVER, "detail", [id]).catch((error) => {
                delete this.ahead[id];
                throw error;
            });
            this.ahead[id].catch(() => {});
        }
        return this.ahead[id];
    }

    /** A decided row leaves the list; the cursor stands on the one that follows. */
    async drop(id) {
        const at = this.rows.findIndex((row) => row.id === id);
        if (at >= 0) {
            const [row] = this.rows.splice(at, 1);
            this.total -= 1;
            this.facets.count -= 1;
            const sum = this.facets.amounts.find((each) => each.currency === row.currency);
            if (sum && row.amount > 0) {
                sum.amount -= row.amount;
            }
        }
        await this.show(this.cursor);
    }

    async again() {
        if (this.row) {
            delete this.ahead[this.row.id];
            await this.show(this.cursor);
        }
    }

    // --- the choice

    get payment() {
        return this.detail?.payment;
    }

    get account() {
        return this.detail?.accounts[this.chosen];
    }

    choose(index) {
        if (!this.detail || (index > 0 && index >= this.detail.accounts.length)) {
            return false;
        }
        this.chosen = index;
        this.ticked = Object.fromEntries((this.account?.named || []).map((id) => [id, true]));
        return true;
    }

    /** An account that was searched for becomes the last candidate, or is chosen where it stands. */
    async add(accountId) {
        const at = this.detail.accounts.findIndex((account) => account.id === accountId);
        if (at >= 0) {
            return at;
        }
        const account = await this.orm.call(SERVER, "account_detail", [this.payment.id, accountId]);
        this.detail.accounts.push(account);
        return this.detail.accounts.length - 1;
    }

    toggle(document) {
        if (document?.tickable) {
            this.ticked[document.id] = !this.ticked[document.id];
        }
    }

    tickAll() {
        const open = this.account.documents.filter((document) => document.tickable);
        const all = open.every((document) => this.ticked[document.id]);
        this.ticked = Object.fromEntries(open.map((document) => [document.id, !all]));
    }

    get tickedIds() {
        return Object.keys(this.ticked).filter((id) => this.ticked[id]).map(Number);
    }

    /** {paid: {document id: amount}, ticked: sum of the ticked, left: what of this payment no debt takes}. */
    get plan() {
        const documents = this.account?.documents || [];
        const ticked = documents.filter((document) => this.ticked[document.id]);
        const credit = documents.filter((document) => document.residual < 0);
        const amount = this.payment?.amount || 0;
        let money = amount - credit.reduce((sum, document) => sum + document.residual, 0);
        const paid = {};
        for (const document of payOrder(documents, this.ticked, this.detail?.interest_first)) {
            if (money > 0) {
                paid[document.id] = Math.min(money, document.residual);
                money -= paid[document.id];
            }
        }
        // older credits that no debt takes were there before this payment
        const left = Math.min(Math.max(0, money), Math.max(0, amount));
        return { paid, ticked: ticked.reduce((sum, document) => sum + document.residual, 0), left };
    }

    // --- decisions

    book(rule) {
        return this.decide("book", [this.payment.id, this.account.id, this.tickedIds, rule]);
    }

    propose(note) {
        return this.decide("propose", [this.payment.id, this.account.id, note || ""]);
    }

    split(parts) {
        const rows = parts.map(({ account, amount }) => ({
            account_id: account.id,
            amount,
            document_ids: account.named || [],
        }));
        return this.decide("split", [this.payment.id, rows]);
    }

    reject(rule) {
        return this.decide("reject", [this.payment.id, rule]);
    }

    async decide(method, args) {
        const id = this.payment.id;
        const told = await this.orm.call(SERVER, method, args);
        // what is known of the other payments may speak of debts that are paid now
        this.ahead = {};
        if (told.gone) {
            await this.drop(id);
            return { kind: "gone" };
        }
        this.decided.unshift(told);
        this.decided.length = Math.min(this.decided.length, KEPT);
        if (method === "propose") {
            await this.show(this.cursor + 1);
        } else {
            await this.drop(id);
        }
        return told;
    }

    async undo() {
        const last = this.decided[0];
        await this.orm.call(SERVER, "undo", [last.id, last.before]);
        this.decided.shift();
        await this.load();
        const at = this.rows.findIndex((row) => row.id === last.id);
        if (at >= 0) {
            await this.show(at);
        }
        return last;
    }

    /** An invoice or a rule came meanwhile: whoever needs no clerk any more leaves the list, now or when a job is done. */
    async matchAgain() {
        const told = await this.orm.call(SERVER, "match_again", []);
        if (told.kind === "matched") {
            await this.refresh();
        }
        return told;
    }

    howFar(run) {
        return this.orm.silent.call(SERVER, "match_again_progress", [run]);
    }

    /** The list anew; the cursor stays on its payment while that waits. */
    async refresh() {
        const id = this.row?.id;
        await this.load();
        const at = this.rows.findIndex((row) => row.id === id);
        if (at > 0) {
            await this.show(at);
        }
    }

    async note(text) {
        const told = await this.orm.call(SERVER, "note", [this.payment.id, text]);
        delete this.ahead[this.payment.id];
        if (told.gone) {
            await this.drop(this.payment.id);
            return;
        }
        this.payment.note = told.note;
        this.row.note = told.note;
    }

    search(text) {
        return this.orm.silent.call(SERVER, "search_accounts", [this.payment.id, text]);
    }

    // --- words

    money(minor, currency = this.payment?.currency) {
        return formatCurrency(minor / this.unit(currency), currency);
    }

    unit(currency = this.payment?.currency) {
        return this.facets?.units[currency] || 100;
    }

    day(text) {
        return text ? formatDate(deserializeDate(text)) : "";
    }
}
