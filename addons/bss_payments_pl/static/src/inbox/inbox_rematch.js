/** @odoo-module **/

import { onWillUnmount, useState } from "@odoo/owl";

const PAUSE = 2000; // ms between two questions how far it is

/**
 * Payments that are matched again in the background: `now` is {run, done, total} until it is done.
 *
 * @param {(run: number) => Promise<Object>} ask how far a run is
 * @param {(told: Object) => Promise<void>} done called once with its figures
 */
export function useRematch(ask, done) {
    const state = useState({ now: null });
    let timer = null;
    const look = async () => {
        const told = await ask(state.now.run).catch(() => state.now); // a lost connection is no end of it
        if (timer === null) {
            return;
        }
        if (told.kind === "matching") {
            state.now = told;
            timer = setTimeout(look, PAUSE);
        } else {
            state.now = null;
            await done(told);
        }
    };
    onWillUnmount(() => {
        clearTimeout(timer);
        timer = null;
    });
    return {
        state,
        get percent() {
            return state.now?.total ? Math.floor((100 * state.now.done) / state.now.total) : 0;
        },
        follow(told) {
            state.now = told;
            timer = setTimeout(look, PAUSE);
        },
    };
}
