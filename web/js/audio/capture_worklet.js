// Runs on the audio thread: hands on what the microphone hears in pieces of about 20 ms.

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(Math.round(sampleRate / 50));
    this.held = 0;
  }

  process([input]) {
    const heard = input[0];
    if (!heard) return true;
    for (let at = 0; at < heard.length;) {
      const taken = Math.min(heard.length - at, this.piece.length - this.held);
      this.piece.set(heard.subarray(at, at + taken), this.held);
      this.held += taken;
      at += taken;
      if (this.held === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.held = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
