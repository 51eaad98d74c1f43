// From the rate that the sound card gives to the 16 kHz that the server takes.

const ZERO_CROSSINGS = 16;

/**
 * A streaming resampler: a windowed sinc (Hann, 16 zero crossings on each side) that cuts off at 0.92 of the lower
 * Nyquist frequency, as described by J. O. Smith, "Digital Audio Resampling". The pieces of a signal give, one after
 * the other, the same samples as the whole.
 */
export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.cutoff = 0.92 * Math.min(1, to / from);
    this.reach = Math.ceil(ZERO_CROSSINGS / this.cutoff);
    this.held = new Float32Array(this.reach); // silence before the first sample
    this.next = this.reach; // where in `held` the next output stands
  }

  /** Return the Float32 samples that are now known; the last few ms wait for what follows them. */
  push(samples) {
    if (this.step === 1) return samples;
    const held = new Float32Array(this.held.length + samples.length);
    held.set(this.held);
    held.set(samples, this.held.length);
    const count = Math.max(0, Math.ceil((held.length - this.reach - this.next) / this.step));
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      out[i] = this.#at(held, this.next);
      this.next += this.step;
    }
    const gone = Math.max(0, Math.floor(this.next) - this.reach);
    this.held = held.slice(gone);
    this.next -= gone;
    return out;
  }

  #at(samples, position) {
    const first = Math.ceil(position - this.reach);
    const last = Math.min(samples.length - 1, Math.floor(position + this.reach));
    let sum = 0;
    for (let k = Math.max(0, first); k <= last; k++) {
      const away = position - k;
      const x = Math.PI * away * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      sum += samples[k] * sinc * (0.5 + 0.5 * Math.cos((Math.PI * away) / this.reach));
    }
    return sum * this.cutoff;
  }
}
