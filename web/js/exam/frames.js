// Binary frames of the socket: a header of 20 bytes, big endian, then PCM16.

const HEAD = 20;
const MICROPHONE = 1;

/** A piece of the microphone's signal, as it goes over the wire. */
export function encodeFrame(seq, offsetMs, pcm) {
  const bytes = new Uint8Array(HEAD + pcm.byteLength);
  const head = new DataView(bytes.buffer);
  head.setUint8(0, MICROPHONE);
  head.setUint32(4, seq);
  head.setUint32(8, offsetMs);
  head.setBigUint64(12, BigInt(Date.now()));
  bytes.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), HEAD);
  return bytes.buffer;
}

/** A piece of the examiner's voice. */
export function decodeFrame(buffer) {
  const head = new DataView(buffer);
  return { stream: head.getUint16(2), offsetMs: head.getUint32(8), pcm: new Int16Array(buffer, HEAD) };
}
