// One exam, over as many connections as it takes: the microphone up, the voice and the events down.
// The rules are those of docs/protocol.md, "When the connection breaks".

import { FRAME_MS } from "../audio/pcm.js";
import * as session from "../session.js";
import { decodeFrame, encodeFrame } from "./frames.js";
import { Reconnect } from "./reconnect.js";
import { UnstoredSound } from "./unstored.js";
import { Uplink } from "./uplink.js";

const BEAT_MS = 100;
const QUIET_MS = 10_000; // without a word from the server, ask for one; as long again, and the connection is broken
const LATE_MS = 1_000; // sound that the server has not stored by then is kept where it outlives the page
const HUNG_UP = 4000;
const AUTH = 4401;
const SUPERSEDED = 4409;

/**
 * `onevent(event)` gets every event of the server once, in order; `onstate({name, ...})` what the connection does:
 *
 *   connecting          the first connection
 *   live                joined
 *   lost {leftMs}       broken, coming back by itself; the exam waits that long
 *   elsewhere           another tab has taken the session
 *   over                the server closed because the session is over
 *   failed {code, message}  there is no way back by itself
 */
export class LiveExam {
  #socket = null;
  #joined = false;
  #over = false;
  #lastSeq = 0;
  #ackedSeq = 0;
  #epoch = null;
  #begun; // whether session.started ever came, here or in a page before this one
  #mine; // whether `uplink` counts from where the server stands
  #resumeId = null;
  #error = null; // the last one that was fatal
  #reconnect = new Reconnect();
  #name = crypto.randomUUID();
  #beat = null;
  #waiting = null;
  #heardAt = 0;
  #asked = false;
  #unstored;
  #kept = null; // of a page before this one

  constructor({ sessionId, voice, started, displayName, onevent, onstate }) {
    this.sessionId = sessionId;
    this.voice = voice;
    this.onevent = onevent;
    this.onstate = onstate;
    this.uplink = new Uplink();
    this.#unstored = new UnstoredSound(sessionId);
    this.#begun = started;
    this.#mine = !started;
    if (!started)
      this.uplink.queue({ type: "session.start", event_id: crypto.randomUUID(), display_name: displayName });
  }

  open() {
    this.onstate({ name: "connecting" });
    this.#beat = setInterval(() => this.#tick(), BEAT_MS);
    window.addEventListener("online", this.#online);
    window.addEventListener("offline", this.#offline);
    void this.#connect();
  }

  /** Leave; the session stays as it is. */
  close() {
    this.#over = true;
    clearInterval(this.#beat);
    clearTimeout(this.#waiting);
    window.removeEventListener("online", this.#online);
    window.removeEventListener("offline", this.#offline);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** 40 ms of the microphone. */
  hear(pcm) {
    this.uplink.record(pcm);
    this.#sendDue();
  }

  /** Say something that must not be lost: prep.ready, turn.retry, turn.next, session.end, audio.commit. */
  say(event) {
    this.uplink.queue({ event_id: crypto.randomUUID(), ...event });
    this.#sendDue();
  }

  /** The session is over: nothing of it is to be sent any more. */
  forget() {
    return this.#unstored.forget();
  }

  /** Say that the answer which began at microphone position `sinceMs` is over. */
  endTurn(sinceMs) {
    const until = this.uplink.positionMs;
    this.say({
      type: "audio.commit",
      commit_id: crypto.randomUUID(),
      audio_start_ms: Math.min(sinceMs, until),
      audio_end_ms: until,
      end_of_turn: true,
    });
  }

  // --- the connection -------------------------------------------------------------------------------------

  #online = () => {
    if (this.#waiting !== null) {
      clearTimeout(this.#waiting);
      this.#waiting = null;
      void this.#connect();
    }
  };
  #offline = () => this.#broken(this.#socket, 0);

  async #connect() {
    let token;
    try {
      token = await session.token();
      this.#kept ??= await this.#unstored.load();
    } catch {
      this.#comeBack();
      return;
    }
    if (this.#over) return;
    if (!token) {
      this.#fail("token_missing", "");
      return;
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const address = `${scheme}://${location.host}/ws/${this.sessionId}?client=${this.#name}`;
    const socket = new WebSocket(address, ["bearer", token]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#error = null;
    this.#heardAt = performance.now();
    this.#asked = false;
    socket.onopen = () => this.#introduce();
    socket.onmessage = ({ data }) => this.#socket === socket && this.#take(data);
    socket.onclose = ({ code }) => this.#broken(socket, code);
  }

  #introduce() {
    this.#put({ type: "audio.config", frame_ms: FRAME_MS });
    if (!this.#begun) {
      this.uplink.restart();
      this.#join();
      return;
    }
    this.#resumeId = crypto.randomUUID();
    this.#put({
      type: "session.resume",
      event_id: this.#resumeId,
      session_id: this.sessionId,
      last_seq: this.#lastSeq,
      ...(this.#epoch === null ? {} : { epoch: this.#epoch }),
    });
  }

  #join() {
    this.#joined = true;
    this.onstate({ name: "live" });
    this.#sendDue();
  }

  async #broken(socket, code) {
    if (socket === null || socket !== this.#socket || this.#over) return;
    socket.onclose = socket.onmessage = null;
    socket.close();
    this.#socket = null;
    this.#joined = false;
    const { retryable = false, code: name = "", message = "" } = this.#error ?? {};
    if (code === 1000) {
      this.#stop();
      this.onstate({ name: "over" });
    } else if (!this.#reconnect.lost(performance.now(), code, retryable)) {
      this.#stop();
      if (code === SUPERSEDED) this.onstate({ name: "elsewhere" });
      else this.onstate({ name: "failed", code: name || `closed_${code}`, message });
    } else {
      if (code === AUTH) await session.renew(await session.token()).catch(() => false);
      this.#comeBack();
    }
  }

  #comeBack() {
    if (this.#over) return;
    const now = performance.now();
    this.#reconnect.lost(now, 0);
    const wait = this.#reconnect.wait(now);
    if (wait === null) {
      this.#fail("gave_up", "");
      return;
    }
    this.onstate({ name: "lost", leftMs: this.#reconnect.leftMs(now) });
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      void this.#connect();
    }, wait);
  }

  #fail(code, message) {
    this.#stop();
    this.onstate({ name: "failed", code, message });
  }

  #stop() {
    this.uplink.streaming = false;
    this.close();
  }

  // --- down -----------------------------------------------------------------------------------------------

  #take(data) {
    this.#heardAt = performance.now();
    this.#asked = false;
    if (typeof data !== "string") {
      this.voice.frame(decodeFrame(data));
      return;
    }
    const event = JSON.parse(data);
    if (event.seq !== undefined && event.seq !== null) {
      if (event.seq <= this.#lastSeq) return;
      this.#lastSeq = event.seq;
    }
    if (event.ack) this.uplink.acknowledged(event.ack);
    this.#note(event);
    this.onevent(event);
  }

  #note(event) {
    switch (event.type) {
      case "session.started":
        this.#begun = true;
        this.#epoch ??= event.epoch;
        if (this.#mine) this.uplink.streaming = true;
        this.#reconnect.resumed();
        break;
      case "session.resumed":
        this.#resumed(event);
        break;
      case "session.go_away":
        this.#reconnect.told(event.reconnect_in_ms);
        break;
      case "error":
        if (event.retry_after_ms) this.#reconnect.told(event.retry_after_ms);
        if (event.fatal || event.ref_event_id === this.#resumeId) this.#error = event;
        if (!event.fatal && event.ref_event_id === this.#resumeId) this.#refused(event);
        if (event.code === "not_ready") this.#startLater(event.retry_after_ms ?? 1000);
        break;
      case "ack":
        this.uplink.stored(event.received_ms);
        this.#unstored.stored(event.received_ms);
        break;
      case "tts.audio":
        if (event.state === "begin") this.voice.begin(event);
        else this.voice.end(event);
        break;
      case "tts.clear":
        this.#report(this.voice.clear(event.utterance_id));
        break;
      case "turn.state":
        if (event.state === "ended") this.uplink.streaming = false;
        break;
      case "session.summary_ready":
        this.uplink.streaming = false;
        break;
      default:
    }
  }

  #resumed(event) {
    this.#epoch = event.epoch;
    if (!this.#mine) {
      // a page before this one began it
      this.uplink = new Uplink({ fromMs: event.received_ms, seq: event.in_seq, kept: this.#kept });
      this.#mine = true;
      this.uplink.streaming = event.phase !== "ended";
    } else if (!this.uplink.resume(event.received_ms, event.in_seq)) {
      this.#fail("audio_lost", "");
      return;
    }
    this.#unstored.stored(event.received_ms);
    if (event.snapshot) {
      this.#lastSeq = event.snapshot.last_seq;
      this.voice.goOnWith(event.snapshot.voice ?? null);
      this.uplink.streaming = event.phase !== "ended";
    }
    this.#reconnect.resumed();
    this.#join();
    for (const mark of this.voice.reports) this.#put(mark);
  }

  /** It will not go on with the session, over this connection or at all. */
  #refused(event) {
    if (event.retryable) this.#socket.close(HUNG_UP);
    else this.#fail(event.code, event.message);
  }

  #startLater(afterMs) {
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.uplink.restart();
      this.#sendDue();
    }, afterMs);
  }

  // --- up -------------------------------------------------------------------------------------------------

  #tick() {
    for (const mark of this.voice.marks()) this.#report(mark);
    if (this.#mine && (!this.#joined || this.uplink.heldMs > LATE_MS))
      this.#unstored.keep(this.uplink.frames);
    const now = performance.now();
    if (this.#socket?.readyState === WebSocket.OPEN) {
      if (this.#joined && this.#ackedSeq < this.#lastSeq) this.#put({ type: "ack" });
      if (now - this.#heardAt > 2 * QUIET_MS) this.#broken(this.#socket, 0);
      else if (now - this.#heardAt > QUIET_MS && !this.#asked) {
        this.#asked = true;
        this.#put({ type: "heartbeat" });
      }
    }
    this.#sendDue();
  }

  #report(mark) {
    if (mark && this.#joined) this.#put(mark);
  }

  #sendDue() {
    while (this.#joined && this.#socket?.readyState === WebSocket.OPEN) {
      const item = this.uplink.next();
      if (item === null) return;
      if (item.event) this.#put(item.event);
      else this.#socket.send(encodeFrame(item.frame.seq, item.frame.offsetMs, item.frame.pcm));
    }
  }

  #put(event) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(
      JSON.stringify({ ...event, ts: Date.now(), ...(this.#lastSeq ? { ack: this.#lastSeq } : {}) }),
    );
    this.#ackedSeq = this.#lastSeq;
  }
}
