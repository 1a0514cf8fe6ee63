// WAV in the form that the server streams: a header of 44 bytes, then 16-bit little-endian mono samples.

const HEADER = 44;

/** Converts pieces of a byte stream to samples. A piece may begin and end anywhere. */
export class WavReader {
  rate = null;
  #rest = new Uint8Array(0);

  /** Returns the samples that these bytes complete, possibly none. Throws an Error if the stream is not WAV as above. */
  push(bytes) {
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }
    let begin = 0;
    if (this.rate === null) {
      if (all.length < HEADER) {
        this.#rest = all;
        return new Int16Array(0);
      }
      this.#readHeader(new DataView(all.buffer, all.byteOffset, HEADER));
      begin = HEADER;
    }
    const count = (all.length - begin) >> 1;
    this.#rest = all.slice(begin + 2 * count);
    const view = new DataView(all.buffer, all.byteOffset + begin, 2 * count);
    return Int16Array.from({ length: count }, (_, index) => view.getInt16(2 * index, true));
  }

  #readHeader(view) {
    const tag = (at) => String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));
    const plain = tag(0) === "RIFF" && tag(8) === "WAVE" && tag(36) === "data";
    if (!plain || view.getUint16(22, true) !== 1 || view.getUint16(34, true) !== 16) {
      throw new Error("The server's response is not 16-bit mono WAV.");
    }
    this.rate = view.getUint32(24, true);
  }
}

/** Returns a WAV file of all pieces, with the actual sizes in the header. */
export function wavFile(rate, pieces) {
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const view = new DataView(new ArrayBuffer(HEADER));
  const tag = (at, word) => [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  tag(0, "RIFF");
  view.setUint32(4, size + HEADER - 8, true);
  tag(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  tag(36, "data");
  view.setUint32(40, size, true);
  return new Blob([view, ...pieces], { type: "audio/wav" });
}
