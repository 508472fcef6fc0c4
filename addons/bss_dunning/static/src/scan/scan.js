/** @odoo-module **/

import { Component, onMounted, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { beep } from "./beep";

const { DateTime } = luxon;
const MODEL = "bss.dunning.scan";
const QUIET = "bss_dunning_scan_quiet";
const SOUNDS = { done: "good", undone: "known", known: "known", number: "next", refused: "bad" };

/** Returned letters and confirmations, one scan each: a scanner types the code and ends it with Enter. */
export class LetterScanner extends Component {
    static template = "bss_dunning.Scan";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.input = useRef("code");
        this.display = { controlPanel: {} };
        this.work = Promise.resolve();
        this.sequence = 0;
        this.state = useState({
            company: "",
            today: "",
            day: "",
            mode: "", // chosen by a person: a returned letter recorded as delivered would start statutory terms
            reason: "",
            rows: [],
            last: null, // the answer to the last scan, in large letters
            pending: null, // the letter whose posting number comes next
            waiting: 0, // scans that the server did not answer yet
            quiet: browser.localStorage.getItem(QUIET) === "1",
        });
        onWillStart(() => this.load());
        onMounted(() => this.focus());
        useExternalListener(window, "keydown", (ev) => this.onKeyAnywhere(ev), { capture: true });
    }

    async load() {
        const screen = await this.orm.call(MODEL, "get_screen", []);
        this.modes = screen.modes;
        this.reasons = screen.reasons;
        Object.assign(this.state, { company: screen.company, today: screen.today, day: screen.today });
        this.state.rows = screen.scans.map((scan) => this.row(scan));
    }

    row(answer, code = "") {
        return { ...answer, code, key: ++this.sequence };
    }

    // The field keeps the focus

    focus() {
        this.input.el?.focus();
    }

    /** A scanner types wherever the focus is: what it types belongs to the field. */
    onKeyAnywhere(ev) {
        const typed = ev.key.length === 1 && ev.key !== " " && !ev.ctrlKey && !ev.metaKey && !ev.altKey;
        const inDay = ev.target.matches?.(".o_bss_scan_day");
        if (inDay) {
            this.typesDay = true;
        }
        const letterInDay = inDay && /^[a-z]$/i.test(ev.key); // no day is written in letters
        const elsewhere = ev.target.matches?.("input, textarea, select") && !letterInDay;
        if (typed && !elsewhere && !document.querySelector(".o_dialog, .o_command_palette")) {
            this.focus();
        }
    }

    choose(mode) {
        this.state.mode = mode;
        this.state.pending = null;
        this.focus();
    }

    setReason(reason) {
        this.state.reason = reason;
        this.focus();
    }

    /** A day picked from the calendar is done; one that is being typed changes with every digit. */
    setDay(ev) {
        this.state.day = ev.target.value;
        if (!this.typesDay) {
            this.focus();
        }
    }

    leaveDay() {
        this.typesDay = false;
    }

    toggleSound() {
        this.state.quiet = !this.state.quiet;
        browser.localStorage.setItem(QUIET, this.state.quiet ? "1" : "0");
        this.focus();
    }

    cancelPending() {
        this.state.pending = null;
        this.focus();
    }

    withoutNumber() {
        this.focus();
        return this.queue("");
    }

    // Scans

    onKey(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            const code = ev.target.value.trim();
            ev.target.value = "";
            if (code) {
                this.queue(code);
            }
        } else if (ev.key === "Escape") {
            ev.target.value = "";
            this.state.pending = null;
        }
    }

    /** Scans are faster than the server: they wait for each other, each with what was chosen when it was made. */
    queue(code) {
        this.turnDay();
        const { mode, reason, day } = this.state;
        this.state.waiting++;
        this.work = this.work.then(() => this.record(code, mode, reason, day));
        return this.work;
    }

    /** A screen left open over night does not go on with yesterday. */
    turnDay() {
        const today = DateTime.now().setZone("Europe/Warsaw").toISODate();
        if (today > this.state.today) {
            this.state.day = this.state.day === this.state.today ? today : this.state.day;
            this.state.today = today;
        }
    }

    async record(code, mode, reason, day) {
        const letter = mode === "posted" ? this.state.pending : null;
        if (!code && !letter) {
            this.state.waiting--;
            return; // the letter was recorded or given up meanwhile
        }
        const args = letter ? [letter.code, mode, day, "", code] : [code, mode, day, reason];
        const answer = await this.ask("record_letter", args, _t("The server does not answer: scan this letter again."));
        this.state.waiting--;
        this.show({ mode, ...answer }, letter?.code || code);
    }

    /** The answer of the server, a refusal when there is none: one call that failed must not stop those that wait. */
    async ask(method, args, silence) {
        try {
            return await this.orm.silent.call(MODEL, method, args);
        } catch (error) {
            return { status: "refused", letter: "", addressee: "", text: error.data?.message || silence };
        }
    }

    show(answer, code) {
        const row = this.row(answer, code);
        this.state.last = row;
        if (answer.status === "number") {
            this.state.pending = { ...answer, code };
        } else {
            // A number that was refused is scanned again for the same letter
            const again = this.state.pending && answer.status === "refused" && answer.letter;
            this.state.pending = again ? this.state.pending : null;
            this.state.rows.unshift(row);
        }
        this.sound(answer.status);
    }

    sound(status) {
        if (!this.state.quiet) {
            beep(SOUNDS[status]);
        }
    }

    // The last one

    get undoable() {
        return this.state.rows.find((row) => row.status === "done");
    }

    undo() {
        const row = this.undoable;
        this.work = this.work.then(() => this.takeBack(row));
        this.focus();
        return this.work;
    }

    async takeBack(row) {
        const silence = _t("The server does not answer: see in the letter whether the scan was undone.");
        const answer = await this.ask("undo_last", [row.id], silence);
        if (answer.status === "undone") {
            row.status = "undone";
        }
        this.state.last = this.row(answer);
        this.sound(answer.status);
        this.focus();
    }

    // Words

    get counts() {
        const count = (test) => this.state.rows.filter(test).length;
        const modes = this.modes.map(([key, label]) => ({
            key,
            label,
            number: count((row) => row.status === "done" && row.mode === key),
        }));
        return [
            ...modes,
            { key: "known", label: _t("Known already"), number: count((row) => row.status === "known") },
            { key: "refused", label: _t("Not recorded"), number: count((row) => row.status === "refused") },
        ];
    }

    get ready() {
        const { mode, day, reason } = this.state;
        return Boolean(mode && day && (mode !== "returned" || reason));
    }

    get placeholder() {
        if (!this.state.mode) {
            return _t("Choose what to record");
        }
        if (!this.ready) {
            return this.state.day ? _t("Choose why the letters came back") : _t("Choose the day");
        }
        return this.state.pending ? _t("Scan the posting number") : _t("Scan a letter");
    }

    modeLabel(mode) {
        return this.modes.find(([key]) => key === mode)?.[1] || "";
    }

    colour(status) {
        return { done: "success", known: "info", undone: "secondary", number: "warning", refused: "danger" }[status];
    }

    icon(status) {
        return { done: "check", known: "info-circle", undone: "undo", number: "barcode", refused: "times" }[status];
    }
}

registry.category("actions").add("bss_dunning_scan", LetterScanner);
