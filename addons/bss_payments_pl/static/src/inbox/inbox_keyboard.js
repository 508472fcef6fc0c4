/** @odoo-module **/

import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CALLS } from "./inbox_keys";

/**
 * What each key does in each mode of the inbox: list, documents, search, split, note, rule, help.
 *
 * A handler answers whether it took the key; the others stay the browser's.
 */
export class InboxKeyboard extends Component {
    static template = "bss_payments_pl.Inbox";
    static props = ["*"];

    onKey(ev) {
        const elsewhere = document.querySelector(".o_dialog, .o_command_palette, .o-dropdown--menu");
        const typing = ev.target.matches?.("input, textarea, select");
        if (ev.ctrlKey || ev.metaKey || ev.altKey || elsewhere || (typing && !this.root.el.contains(ev.target))) {
            return;
        }
        const key = ev.key.length === 1 ? ev.key.toLowerCase() : ev.key;
        const inFilters = ev.target.closest?.(".o_bss_inbox_filters");
        const handler = inFilters ? this.filterKey : this[`${this.ui.mode}Key`];
        if (handler.call(this, key, ev)) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    listKey(key, ev) {
        const onButton = key === "Enter" && ev.target.matches?.("button, a");
        if (!CALLS[key] || onButton) {
            return false;
        }
        if (!this.keys.some(({ keys }) => keys.includes(key))) {
            this.ui.error = this.model.rights.propose
                ? _t("This takes the right to book payments. Enter proposes the chosen account.")
                : _t("This takes the right to decide payments.");
            return true;
        }
        this[CALLS[key]](key);
        return true;
    }

    filterKey(key, ev) {
        if (key === "Escape" || (key === "Enter" && ev.target.matches("input, select"))) {
            this.toList();
            return true;
        }
        return false;
    }

    documentsKey(key, ev) {
        const { documents } = this.model.account;
        const moves = { ArrowDown: 1, ArrowUp: -1 };
        if (moves[key]) {
            this.ui.at = Math.max(0, Math.min(this.ui.at + moves[key], documents.length - 1));
        } else if (key === " ") {
            this.model.toggle(documents[this.ui.at]);
        } else if (key === "*") {
            this.model.tickAll();
        } else if (key === "d" || key === "Escape") {
            this.toList();
        } else {
            return this.listKey(key, ev);
        }
        return true;
    }

    searchKey(key) {
        const { found, at } = this.search;
        if (key === "ArrowDown" || key === "ArrowUp") {
            this.search.at = Math.max(0, Math.min(at + (key === "ArrowDown" ? 1 : -1), found.length - 1));
        } else if (key === "Enter") {
            this.take(found[at]);
        } else if (key === "Escape") {
            this.ui.mode = this.search.back;
            this.focus();
        } else {
            return false;
        }
        return true;
    }

    noteKey(key, ev) {
        if (key === "Enter") {
            this.saveNote(ev.target.value);
        } else if (key === "Escape") {
            this.toList();
        } else {
            return false;
        }
        return true;
    }

    ruleKey(key) {
        if (key === "Enter") {
            this.accept();
        } else if (key === "Escape") {
            Object.assign(this.ui, this.noRule);
            this.toList();
        } else if (key === "Tab") {
            this.toList(); // the rule stays, another account may be chosen for it
        } else {
            return false;
        }
        return true;
    }

    splitKey(key) {
        const { now } = this.split;
        const calls = {
            ArrowDown: () => now.move(1),
            ArrowUp: () => now.move(-1),
            "=": () => now.fill(),
            Delete: () => now.remove(),
            a: () => this.toSearch(),
            Enter: () => this.bookSplit(),
            Escape: () => this.toList(),
        };
        if (!calls[key]) {
            return key.length === 1 && !/[\d,.]/.test(key); // only amounts are typed here
        }
        calls[key]();
        return true;
    }

    helpKey() {
        this.toList();
        return true;
    }
}
