/** @odoo-module **/

const TONES = {
    good: [[880, 0, 0.09]],
    known: [[660, 0, 0.09]],
    next: [[880, 0, 0.06], [1175, 0.09, 0.06]],
    bad: [[220, 0, 0.18], [180, 0.22, 0.28]],
};
let context = null;

/** A short sound: who scans looks at the envelopes, not at the screen. */
export function beep(kind) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) {
        return;
    }
    context = context || new Context();
    for (const [frequency, after, length] of TONES[kind]) {
        const tone = context.createOscillator();
        const volume = context.createGain();
        const start = context.currentTime + after;
        tone.frequency.value = frequency;
        volume.gain.value = 0.15;
        tone.connect(volume).connect(context.destination);
        tone.start(start);
        tone.stop(start + length);
    }
}
