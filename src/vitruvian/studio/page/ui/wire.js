/** Wire: the binary messages of a live session, a header of 24 bytes and the data. */

/** @typedef {import("./engine.js").EncodedFrame} EncodedFrame */

export const FRAME = 1;
export const PICTURE = 2;
export const MASK = 3;
const HEADER_BYTES = 24;
const CODECS = { jpeg: 0, h264: 2 };
const KEY_FRAME = 1;

/** @param {EncodedFrame} frame @returns {ArrayBuffer} */
export function packFrame(frame) {
  const message = new ArrayBuffer(HEADER_BYTES + frame.data.byteLength);
  const header = new DataView(message);
  header.setUint8(0, FRAME);
  header.setUint8(1, CODECS[frame.codec]);
  header.setUint16(2, frame.isKey ? KEY_FRAME : 0, true);
  header.setUint32(4, frame.seq, true);
  header.setFloat64(8, frame.capture_ms, true);
  header.setUint16(16, frame.width, true);
  header.setUint16(18, frame.height, true);
  new Uint8Array(message).set(new Uint8Array(frame.data), HEADER_BYTES);
  return message;
}

/**
 * @param {ArrayBuffer} message
 * @returns {{kind: number, seq: number, capture_ms: number, width: number, height: number, data: Uint8Array<ArrayBuffer>}}
 */
export function readMessage(message) {
  const header = new DataView(message);
  return {
    kind: header.getUint8(0),
    seq: header.getUint32(4, true),
    capture_ms: header.getFloat64(8, true),
    width: header.getUint16(16, true),
    height: header.getUint16(18, true),
    data: new Uint8Array(message, HEADER_BYTES),
  };
}
