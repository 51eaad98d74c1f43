// Whether and when to come back after the connection broke. Pure: the caller waits and connects.

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 8_000;
const GIVE_UP_MS = 120_000; // as long as the server keeps an exam waiting for its learner
const FINAL = new Set([1000, 4403, 4404, 4410, 4413]);
const PROTOCOL = 4400;
const AUTH = 4401;
const SUPERSEDED = 4409;

export class Reconnect {
  #lostAt = null;
  #attempts = 0;
  #protocolErrors = 0;
  #tokensRefused = 0;
  #toldMs = null;

  constructor({ dice = Math.random } = {}) {
    this.dice = dice;
  }

  /** The server has said when to come back. */
  told(afterMs) {
    this.#toldMs = afterMs;
  }

  /** A connection broke with this close code; `welcome`: the error before it was `retryable`. Whether to come back. */
  lost(now, code, welcome = false) {
    this.#lostAt ??= now;
    if (code === PROTOCOL) this.#protocolErrors++;
    if (code === AUTH) this.#tokensRefused++;
    if (code === SUPERSEDED) return welcome && this.#may(now);
    return !FINAL.has(code) && this.#protocolErrors <= 1 && this.#tokensRefused <= 1 && this.#may(now);
  }

  /** How long to wait before the next attempt, in ms; null when it is time to give up. */
  wait(now) {
    if (!this.#may(now)) return null;
    const longest = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    const told = this.#toldMs ?? 0;
    this.#toldMs = null;
    return Math.max(longest * (0.5 + this.dice() / 2), told);
  }

  /** How long the exam still waits, in ms. */
  leftMs(now) {
    return this.#lostAt === null ? GIVE_UP_MS : Math.max(0, GIVE_UP_MS - (now - this.#lostAt));
  }

  /** The session goes on: the next loss starts from the beginning. */
  resumed() {
    this.#lostAt = null;
    this.#attempts = this.#tokensRefused = 0;
  }

  #may(now) {
    return this.#lostAt !== null && now - this.#lostAt < GIVE_UP_MS;
  }
}
