// All that goes up and must not be lost: the microphone's signal and the events at places in it.
// Nothing is dropped: while the server has not stored what is kept already, the microphone stands still.

import { FRAME_MS, SAMPLES_PER_MS } from "../audio/pcm.js";

const MAX_UNSTORED_MS = 30_000;
const MAX_AHEAD_MS = 9_000; // the server takes 10 s beyond what it has stored

export class Uplink {
  /**
   * `fromMs` and `seq` are where the server stands, for a page that goes on with a session it did not begin; `kept` is
   * the sound `{offsetMs, pcm}` that the page before it could not send, as far as it follows on that.
   */
  constructor({ fromMs = 0, seq = 0, kept = [] } = {}) {
    this.streaming = false;
    this.storedMs = fromMs;
    this.positionMs = fromMs;
    this.frames = []; // {seq, offsetMs, pcm}, not stored yet
    this.sent = 0; // of those
    this.frameSeq = 0;
    this.events = []; // {atMs, event}, not acknowledged yet
    this.eventsSent = 0;
    this.seq = seq;
    for (const frame of kept) {
      if (frame.offsetMs > this.positionMs) break; // a gap: what lies behind it would be heard at the wrong time
      if (endMs(frame) <= this.positionMs) continue;
      this.frames.push({ seq: this.frameSeq++, offsetMs: frame.offsetMs, pcm: frame.pcm });
      this.positionMs = endMs(frame);
    }
  }

  get heldMs() {
    return this.positionMs - this.storedMs;
  }

  /** Take 40 ms of sound, unless the microphone is off or has to wait; return whether it was taken. */
  record(pcm) {
    if (!this.streaming || this.heldMs >= MAX_UNSTORED_MS) return false;
    this.frames.push({ seq: this.frameSeq++, offsetMs: this.positionMs, pcm });
    this.positionMs += FRAME_MS;
    return true;
  }

  /** Number an event; it stands behind the sound that was made before it. */
  queue(event) {
    this.events.push({ atMs: this.positionMs, event: { ...event, seq: ++this.seq } });
  }

  /** What is to be sent next, {event} or {frame}; null when all is, or the server must store some of it first. */
  next() {
    const due = this.events[this.eventsSent];
    const frame = this.frames[this.sent];
    if (due && due.atMs <= (frame?.offsetMs ?? this.positionMs)) {
      this.eventsSent++;
      return { event: due.event };
    }
    if (!frame || frame.offsetMs > this.storedMs + MAX_AHEAD_MS) return null;
    this.sent++;
    return { frame };
  }

  /** The server has stored the signal up to here. */
  stored(untilMs) {
    this.storedMs = Math.max(this.storedMs, untilMs);
    while (this.frames.length && endMs(this.frames[0]) <= this.storedMs) {
      this.frames.shift();
      this.sent = Math.max(0, this.sent - 1);
    }
  }

  /** The server has the events up to this number. */
  acknowledged(seq) {
    while (this.events.length && this.events[0].event.seq <= seq) {
      this.events.shift();
      this.eventsSent = Math.max(0, this.eventsSent - 1);
    }
  }

  /** Go back to where the server stands; false when it stands where nothing is kept any more. */
  resume(receivedMs, inSeq) {
    const complete = receivedMs >= this.storedMs;
    this.acknowledged(inSeq);
    this.stored(receivedMs);
    this.sent = this.eventsSent = 0;
    return complete;
  }

  /** Send everything again: the session has not begun. */
  restart() {
    this.sent = this.eventsSent = 0;
  }
}

const endMs = (frame) => frame.offsetMs + frame.pcm.length / SAMPLES_PER_MS;
