// A synthesised learner in the place of the microphone: hears the examiner, fetches an answer, and says it.

import { api } from "../api.js";
import { FRAME_MS, FRAME_SAMPLES, loudness, RATE } from "../audio/pcm.js";

const WAV_HEAD = 44;
const MORE_SHARE = 3; // asked to say more, the learner adds up to a third of the long turn

export class SampleLearner {
  #pcm = new Int16Array(0); // what is being said
  #at = 0;
  #saysSo = null; // what to do when all is said
  #question = null; // asked, and not answered yet
  #listening = false;
  #about = "";
  #talk = null; // {card, limitMs} in the long turn
  #context = new AudioContext({ latencyHint: "interactive" });
  #heard = null;
  #due = performance.now();
  #beat;

  constructor(sessionId) {
    this.sessionId = sessionId;
    this.onframe = this.onlost = null;
    this.level = 0;
    this.muted = false;
    this.#beat = setInterval(() => this.#tick(), FRAME_MS);
  }

  /** An event of the server in `exam`. */
  told(event, exam) {
    switch (event.type) {
      case "ai.reply":
        this.#hush();
        if (event.expects_answer) this.#asked(this.#questionOf(event), exam);
        else if (event.kind === "transition") this.#about = event.text;
        break;
      case "exam.phase":
        this.#talk =
          event.phase === "p2_talk" && event.card ? { card: event.card, limitMs: event.limit_ms } : null;
        if (this.#talk) this.#asked(this.#cardQuestion(this.#talk.limitMs), exam);
        break;
      case "turn.state":
        this.#listening = event.state === "listening" || event.state === "learner_speaking";
        if (event.state === "paused") void this.#context.suspend();
        else void this.#context.resume();
        if (event.state === "listening") void this.#answer(exam);
        break;
      default:
    }
  }

  wake() {
    return this.#context.resume();
  }

  close() {
    clearInterval(this.#beat);
    this.#hush();
    void this.#context.close();
  }

  #questionOf(event) {
    if (this.#talk) return this.#cardQuestion(Math.floor((this.#talk.limitMs ?? 0) / MORE_SHARE) || null);
    return { text: event.text, part: event.part, about: this.#about };
  }

  #cardQuestion(limitMs) {
    const { topic, prompts, final_prompt: last } = this.#talk.card;
    return { text: [topic, ...prompts, last].join(" "), part: 2, talk: true, limit_ms: limitMs };
  }

  #asked(question, exam) {
    this.#hush();
    this.#question = question;
    if (this.#listening) void this.#answer(exam);
  }

  async #answer(exam) {
    const question = this.#question;
    if (!question) return;
    let wav;
    try {
      wav = await api.postForBlob(`sessions/${this.sessionId}/sample-answer`, question);
    } catch {
      return; // silence is an answer too, and the examiner goes on after it
    }
    const pcm = new Int16Array(await wav.slice(WAV_HEAD).arrayBuffer());
    if (this.#question !== question || !this.#listening) return;
    this.#question = null;
    this.#pcm = pcm;
    this.#at = 0;
    const sinceMs = exam.uplink.positionMs;
    this.#saysSo = question.talk ? () => exam.endTurn(sinceMs) : null;
    this.#playAloud(pcm);
  }

  #playAloud(pcm) {
    const buffer = this.#context.createBuffer(1, pcm.length, RATE);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i] / 32_768;
    this.#heard = new AudioBufferSourceNode(this.#context, { buffer });
    this.#heard.connect(this.#context.destination);
    this.#heard.start();
  }

  #hush() {
    this.#question = null;
    this.#pcm = new Int16Array(0);
    this.#at = 0;
    this.#saysSo = null;
    this.#heard?.stop();
    this.#heard = null;
  }

  /** 40 ms for every 40 ms that have gone by, whatever the timer does. */
  #tick() {
    for (const now = performance.now(); this.#due <= now; this.#due += FRAME_MS) {
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(this.#pcm.subarray(this.#at, this.#at + FRAME_SAMPLES));
      const wasSaying = this.#at < this.#pcm.length;
      this.#at = Math.min(this.#pcm.length, this.#at + FRAME_SAMPLES);
      this.level = loudness(frame);
      this.onframe?.(frame);
      if (wasSaying && this.#at === this.#pcm.length) {
        this.#saysSo?.();
        this.#saysSo = null;
      }
    }
  }
}
