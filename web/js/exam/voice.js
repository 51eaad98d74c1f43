// The examiner's voice: played as it comes, without gaps between its pieces, and reported as far as it was heard.

const MARK_EVERY_MS = 500;
const LEAD_S = 0.05; // what the first piece waits for the second
const MARKS_KEPT = 4;
const ROUNDING_MS = 5; // pieces are whole samples, their places whole milliseconds

export class Voice {
  #lines = []; // {utteranceId, stream, rate, baseMs, receivedMs, pieces: [{source, startS, ms}], totalMs, markedMs}
  #context = null;
  #nextS = 0;

  constructor() {
    this.reports = []; // the last marks, to be said again after a cut
  }

  /** Whether sound can come out: a browser wants a click first. */
  async wake() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state !== "running") {
      await Promise.race([this.#context.resume(), new Promise((resolve) => setTimeout(resolve, 400))]);
    }
    return this.#context.state === "running";
  }

  get playing() {
    return this.#lines[0]?.utteranceId ?? null;
  }

  /** A line will be spoken in frames of `stream`. */
  begin({ utterance_id: utteranceId, stream_id: stream, sample_rate: rate }) {
    const known = this.#lines.find((line) => line.utteranceId === utteranceId);
    if (known) {
      known.stream = stream; // announced again after a lost connection
      return;
    }
    this.#lines.push({
      utteranceId,
      stream,
      rate,
      baseMs: 0,
      receivedMs: 0,
      pieces: [],
      totalMs: null,
      markedMs: 0,
    });
  }

  /** Every frame of the line has come, or it was heard to its end in a page before this one. */
  end({ utterance_id: utteranceId, duration_ms: durationMs }) {
    const line = this.#lines.find((one) => one.utteranceId === utteranceId);
    if (line) line.totalMs = durationMs ?? Math.round(line.receivedMs);
  }

  /** Play a piece. What was received before is passed over; what a page did not hear before a reload is not missed. */
  frame({ stream, offsetMs, pcm }) {
    const line = this.#lines.find((one) => one.stream === stream);
    if (!line) return;
    while (this.#lines[0] !== line && this.#lines[0].pieces.length === 0) this.#lines.shift(); // heard before a reload
    if (line.pieces.length === 0) line.baseMs = line.receivedMs = offsetMs;
    const known = Math.max(0, Math.round(((line.receivedMs - offsetMs) * line.rate) / 1000));
    const fresh = pcm.subarray(known);
    if (fresh.length === 0) return;
    this.#schedule(line, fresh);
    line.receivedMs += (fresh.length / line.rate) * 1000;
  }

  #schedule(line, pcm) {
    const buffer = this.#context.createBuffer(1, pcm.length, line.rate);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i] / 32_768;
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#context.destination);
    const startS = Math.max(this.#nextS, this.#context.currentTime + LEAD_S);
    source.start(startS);
    this.#nextS = startS + buffer.duration;
    line.pieces.push({ source, startS, ms: buffer.duration * 1000 });
  }

  /** Stop a line and drop the rest of it; the mark that says how much was heard, or null. */
  clear(utteranceId) {
    const line = this.#lines.find((one) => one.utteranceId === utteranceId);
    if (!line) return null;
    const heardMs = this.#heardMs(line);
    for (const piece of line.pieces) piece.source.stop();
    this.#lines.splice(this.#lines.indexOf(line), 1);
    this.#nextS = 0;
    return this.#report(line, heardMs, false);
  }

  /** Nothing but this line of a snapshot is still to be heard. */
  goOnWith(voice) {
    for (const line of [...this.#lines])
      if (line.utteranceId !== voice?.utterance_id) this.clear(line.utteranceId);
    if (voice) this.begin(voice);
  }

  /** The marks that have become due. */
  marks() {
    const due = [];
    while (this.#lines.length) {
      const line = this.#lines[0];
      const heardMs = this.#heardMs(line);
      const isWhole = line.totalMs !== null && line.receivedMs >= line.totalMs - ROUNDING_MS;
      if (isWhole && heardMs >= Math.min(line.totalMs, Math.floor(line.receivedMs))) {
        due.push(this.#report(line, line.totalMs, true));
        this.#lines.shift();
        continue;
      }
      if (heardMs - line.markedMs >= MARK_EVERY_MS)
        due.push(this.#report(line, (line.markedMs = heardMs), false));
      break;
    }
    return due;
  }

  #heardMs(line) {
    if (!this.#context) return line.baseMs;
    const now = this.#context.currentTime;
    let heard = line.baseMs;
    for (const { startS, ms } of line.pieces) heard += Math.max(0, Math.min(ms, (now - startS) * 1000));
    return Math.round(heard);
  }

  #report(line, playedMs, done) {
    const mark = { type: "playback.mark", utterance_id: line.utteranceId, played_ms: playedMs, done };
    this.reports = [...this.reports, mark].slice(-MARKS_KEPT);
    return mark;
  }

  close() {
    this.#lines = [];
    void this.#context?.close();
    this.#context = null;
  }
}
