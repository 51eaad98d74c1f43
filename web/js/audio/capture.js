// The microphone: asked for, heard at 16 kHz, and given back.

import { Framer, FRAME_MS, loudness, wav } from "./pcm.js";

const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Why there is no microphone: `code` is denied, none, busy, insecure (the page needs https) or failed. */
export class MicrophoneProblem extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.name = "MicrophoneProblem";
    this.code = code;
  }
}

/**
 * Ask for the microphone and listen. Echoes of the examiner are taken out; noise suppression is off, because it
 * swallows quiet words. Throws MicrophoneProblem.
 *
 * The result: `onframe(pcm)` is called with 40 ms as Int16Array; `level` is the present loudness, 0 to 1; `muted`
 * makes it hear silence, which is still sound; `onlost()` is called when the device has gone; `wake()` after the page
 * was in the background; `close()` gives it back.
 */
export async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneProblem("insecure");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: true },
    });
  } catch (cause) {
    throw new MicrophoneProblem(PROBLEMS[cause.name] ?? "failed", cause);
  }
  try {
    return await listen(stream);
  } catch (cause) {
    stream.getTracks().forEach((track) => track.stop());
    throw new MicrophoneProblem("failed", cause);
  }
}

async function listen(stream) {
  const { context, source } = connect(stream);
  await context.audioWorklet.addModule("/web/js/audio/capture_worklet.js");
  const worklet = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1 });
  const mic = {
    onframe: null,
    onlost: null,
    muted: false,
    level: 0,
    wake: () => context.resume(),
    close() {
      mic.onframe = mic.onlost = null;
      worklet.port.onmessage = null;
      stream.getTracks().forEach((track) => track.stop());
      void context.close();
    },
  };
  const framer = new Framer(context.sampleRate, (frame) => {
    if (mic.muted) frame.fill(0);
    mic.level = loudness(frame);
    mic.onframe?.(frame);
  });
  worklet.port.onmessage = ({ data }) => framer.push(data);
  source.connect(worklet);
  stream.getAudioTracks()[0].addEventListener("ended", () => mic.onlost?.());
  await context.resume();
  return mic;
}

function connect(stream) {
  const context = new AudioContext({ sampleRate: 16_000, latencyHint: "interactive" });
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    void context.close(); // a browser that does not resample a stream by itself
    const own = new AudioContext({ latencyHint: "interactive" });
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}

/** Record until `stop` is aborted, at most `maxS` seconds; resolves to a WAV file as a Blob. */
export function recordOnce(mic, { maxS, stop }) {
  return new Promise((resolve) => {
    const frames = [];
    const before = mic.onframe;
    const finish = () => {
      mic.onframe = before;
      resolve(wav(frames));
    };
    mic.onframe = (frame) => {
      frames.push(frame);
      if (frames.length * FRAME_MS >= maxS * 1000) finish();
    };
    stop?.addEventListener("abort", finish, { once: true });
  });
}
