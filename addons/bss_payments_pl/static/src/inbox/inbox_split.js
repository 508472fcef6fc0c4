/** @odoo-module **/

/** A payment shared out over several accounts; amounts are whole minor units. */
export class Split {
    constructor(total, unit) {
        this.total = total;
        this.unit = unit;
        this.parts = [];
        this.cursor = 0;
    }

    /** Candidates whose documents the payer named; else the chosen account. */
    static of(model) {
        const split = new Split(model.payment.amount, model.unit());
        const named = model.detail.accounts.filter((account) => account.named.length);
        for (const account of named.length > 1 ? named : [model.account].filter(Boolean)) {
            split.add(account);
        }
        split.cursor = 0;
        return split;
    }

    get left() {
        return this.total - this.parts.reduce((sum, part) => sum + part.amount, 0);
    }

    get isWhole() {
        return this.left === 0 && this.parts.length > 1 && this.parts.every((part) => part.amount > 0);
    }

    /** A part of what the account owes by the named documents, or altogether, as far as the money goes. */
    add(account) {
        const at = this.parts.findIndex((part) => part.account.id === account.id);
        if (at >= 0) {
            this.cursor = at;
            return;
        }
        const named = account.documents.filter((document) => account.named.includes(document.id));
        const owed = named.length ? named.reduce((sum, document) => sum + document.residual, 0) : account.due;
        const amount = Math.max(0, owed > 0 ? Math.min(owed, this.left) : this.left);
        this.parts.push({ account, amount, text: this.write(amount) });
        this.cursor = this.parts.length - 1;
    }

    remove(index = this.cursor) {
        this.parts.splice(index, 1);
        this.cursor = Math.max(0, Math.min(this.cursor, this.parts.length - 1));
    }

    move(step) {
        this.cursor = Math.max(0, Math.min(this.cursor + step, this.parts.length - 1));
    }

    /** What is typed, read as money with comma or point; what cannot be read counts nothing. */
    type(index, text) {
        const part = this.parts[index];
        const [whole, cents = ""] = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".").split(".");
        const digits = String(this.unit).length - 1;
        const good = /^\d*$/.test(whole) && /^\d*$/.test(cents) && cents.length <= digits;
        part.text = text;
        part.amount = good ? Number(whole || 0) * this.unit + Number(cents.padEnd(digits, "0") || 0) : 0;
    }

    /** All that is left goes to this part. */
    fill(index = this.cursor) {
        const part = this.parts[index];
        if (part) {
            part.amount = Math.max(0, part.amount + this.left);
            part.text = this.write(part.amount);
        }
    }

    write(minor) {
        const digits = String(this.unit).length - 1;
        const text = String(minor).padStart(digits + 1, "0");
        return digits ? `${text.slice(0, -digits)},${text.slice(-digits)}` : text;
    }
}
