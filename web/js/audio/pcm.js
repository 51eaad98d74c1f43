// 16 kHz mono PCM16: how the server hears.

import { Resampler } from "./resampler.js";

export const RATE = 16_000;
export const SAMPLES_PER_MS = RATE / 1000;
export const FRAME_MS = 40;
export const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

/** Collects Float32 pieces of any length at `rate` and gives frames of 40 ms as Int16Array. */
export class Framer {
  constructor(rate, onframe) {
    this.resampler = new Resampler(rate, RATE);
    this.onframe = onframe;
    this.frame = new Int16Array(FRAME_SAMPLES);
    this.held = 0;
  }

  push(samples) {
    for (const sample of this.resampler.push(samples)) {
      this.frame[this.held++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
      if (this.held === FRAME_SAMPLES) {
        this.onframe(this.frame);
        this.frame = new Int16Array(FRAME_SAMPLES);
        this.held = 0;
      }
    }
  }
}

/** Loudness of a frame as a number from 0 (silence, -60 dB and less) to 1 (0 dB), even to the ear. */
export function loudness(frame) {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / frame.length / 32_767 ** 2 + 1e-12);
  return Math.max(0, Math.min(1, 1 + decibels / 60));
}

/** Frames as a WAV file. */
export function wav(frames) {
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((letter, i) => head.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true); // length of this part
  head.setUint16(20, 1, true); // PCM
  head.setUint16(22, 1, true); // channels
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE * 2, true); // bytes a second
  head.setUint16(32, 2, true); // bytes a sample
  head.setUint16(34, 16, true); // bits a sample
  text(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, ...frames], { type: "audio/wav" });
}
