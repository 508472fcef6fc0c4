/** @odoo-module **/

import { _t } from "@web/core/l10n/translation";

const mayBook = (rights) => rights.book;
const mayOnlyPropose = (rights) => rights.propose && !rights.book;
const mayWrite = (rights) => rights.propose;

/**
 * Keys of the list, in the order of the help; `call` is a method of the inbox, `short` shows at the foot of the screen.
 * A key with `may` belongs to users with these rights: others neither see nor reach it.
 */
export const KEYS = [
    { keys: ["ArrowDown", "j"], show: "↓", call: "next", label: _t("Next payment") },
    { keys: ["ArrowUp", "k"], show: "↑", call: "previous", label: _t("Previous payment") },
    { keys: ["PageDown"], show: "PgDn", call: "pageDown", label: _t("Ten payments down") },
    { keys: ["PageUp"], show: "PgUp", call: "pageUp", label: _t("Ten payments up") },
    { keys: ["Home"], show: "Home", call: "first", label: _t("First payment") },
    { keys: [..."123456789"], show: "1–9", short: _t("choose account"), call: "chooseByKey", label: _t("Choose the account with this number") },
    { keys: ["Enter"], show: "Enter", short: _t("book it"), call: "accept", may: mayBook, label: _t("Book on the chosen account and go on") },
    { keys: ["Enter"], show: "Enter", short: _t("propose it"), call: "accept", may: mayOnlyPropose, label: _t("Propose the chosen account and go on") },
    { keys: ["d"], show: "D", short: _t("tick documents"), call: "toDocuments", label: _t("Tick documents: ↑ ↓ moves, Space ticks, * ticks all") },
    { keys: ["a"], show: "A", short: _t("find account"), call: "toSearch", label: _t("Search an account: number, name, invoice, telephone, address") },
    { keys: ["s"], show: "S", short: _t("split it"), call: "toSplit", may: mayBook, label: _t("Split over several accounts") },
    { keys: ["r"], show: "R", short: _t("make a rule"), call: "toRule", may: mayBook, label: _t("Make a rule of this decision") },
    { keys: ["n"], show: "N", short: _t("not a payment"), call: "reject", may: mayBook, label: _t("Not a payment of a customer") },
    { keys: ["m"], show: "M", call: "toNote", may: mayWrite, label: _t("Write a note") },
    { keys: ["u"], show: "U", short: _t("take back"), call: "undo", may: mayWrite, label: _t("Take the last decision back") },
    { keys: ["g"], show: "G", call: "matchAgain", may: mayBook, label: _t("Match all waiting payments again") },
    { keys: ["f"], show: "F", call: "toFilter", label: _t("Filter the list") },
    { keys: ["/"], show: "/", call: "toText", label: _t("Filter by title or payer") },
    { keys: ["o"], show: "O", call: "openForm", label: _t("Open the payment's form") },
    { keys: ["l"], show: "L", call: "openList", label: _t("The same payments as a list") },
    { keys: ["b"], show: "B", call: "toggleRaw", label: _t("Show the text of the bank") },
    { keys: ["?"], show: "?", short: _t("all keys"), call: "toHelp", label: _t("This help") },
];

/** The keys that somebody with these rights can use. */
export function keysFor(rights) {
    return KEYS.filter(({ may }) => !may || may(rights));
}

export const CALLS = Object.fromEntries(KEYS.flatMap(({ keys, call }) => keys.map((key) => [key, call])));
