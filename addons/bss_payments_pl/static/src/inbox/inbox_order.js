/** @odoo-module **/

/**
 * Debts in the order in which a payment pays them: those that are ticked, then the longest overdue first and disputed
 * ones last. A ticked invoice brings its interest along, an interest note comes alone. The server decides when it books
 * (`bank_core/allocation.py`, art. 451 of the Civil Code); this shows beforehand what it will do.
 *
 * @param {Object[]} documents as the server lists them, the longest overdue first
 * @param {Object} ticked {document id: boolean}
 * @param {boolean} interestFirst the company's order on one debt
 */
export function payOrder(documents, ticked, interestFirst) {
    const debts = documents.filter((document) => document.residual > 0);
    const places = Object.fromEntries(
        documents.filter((document) => ticked[document.id]).map((document, place) => [document.id, place])
    );
    const place = (document) => places[document.debt] ?? places[document.id];
    const late = (document) => ((document.kind === "interest_note") === interestFirst ? 0 : 1);
    const named = debts.filter((document) => place(document) !== undefined);
    const others = debts.filter((document) => place(document) === undefined);
    // a debt with its interest is as old as its oldest part
    const due = {};
    for (const document of others) {
        const key = `${document.disputed} ${document.debt}`;
        due[key] = !due[key] || document.due < due[key] ? document.due : due[key];
    }
    const age = (document) => due[`${document.disputed} ${document.debt}`];
    named.sort((one, two) => place(one) - place(two) || late(one) - late(two));
    others.sort(
        (one, two) =>
            one.disputed - two.disputed ||
            age(one).localeCompare(age(two)) ||
            one.debt - two.debt ||
            late(one) - late(two) ||
            one.due.localeCompare(two.due)
    );
    return [...named, ...others];
}
