// Time that is left, and does not run while the exam is paused.

/** `show(leftMs)` is called a few times a second. */
export class Countdown {
  #untilMs = null;
  #leftMs = null;
  #timer = null;

  constructor(show) {
    this.show = show;
  }

  /** Count from `limitMs` down; null stops. */
  set(limitMs) {
    clearInterval(this.#timer);
    this.#leftMs = limitMs;
    this.#untilMs = null;
    if (limitMs === null) this.show(null);
    else this.go();
  }

  go() {
    if (this.#leftMs === null || this.#untilMs !== null) return;
    this.#untilMs = performance.now() + this.#leftMs;
    this.#timer = setInterval(() => this.#draw(), 250);
    this.#draw();
  }

  pause() {
    if (this.#untilMs === null) return;
    clearInterval(this.#timer);
    this.#leftMs = Math.max(0, this.#untilMs - performance.now());
    this.#untilMs = null;
  }

  #draw() {
    this.show(Math.max(0, this.#untilMs - performance.now()));
  }
}
