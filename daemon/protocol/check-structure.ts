import { ChirpdError } from '../../pipelines/core/errors.js';

/** What a client's MessagePack may be before it is decoded. A valid message is two levels deep. */
export const MAX_DEPTH = 8;
export const MAX_VALUES = 4096;

function refuse(reason: string): never {
  throw new ChirpdError('PROTOCOL_BAD_MESSAGE', `Not a plain MessagePack message: ${reason}`);
}

/**
 * Walks foreign MessagePack without building anything and refuses what a decoder could be hurt by: extension types
 * (msgpackr would run its own on them), lengths past the end, deep nesting, many values, bytes after the end.
 */
export function checkStructure(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values still to come, one entry per open array or map. */
  const open: number[] = [1];
  let position = 0;
  let nValues = 0;

  const take = (nBytes: number): number => {
    if (nBytes > bytes.length - position) refuse('it ends too early');
    const at = position;
    position += nBytes;
    return at;
  };
  const skip = (nBytes: number): void => void take(nBytes);
  const enter = (nInner: number): void => {
    if (nInner > bytes.length - position) refuse('it ends too early');
    if (open.length > MAX_DEPTH) refuse(`nested deeper than ${String(MAX_DEPTH)} levels`);
    open.push(nInner);
  };

  while (open.length > 0) {
    const left = open[open.length - 1] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    if (++nValues > MAX_VALUES) refuse(`more than ${String(MAX_VALUES)} values`);
    const token = view.getUint8(take(1));
    if (token <= 0x7f || token >= 0xe0) continue;
    if (token <= 0x8f) enter((token & 0x0f) * 2);
    else if (token <= 0x9f) enter(token & 0x0f);
    else if (token <= 0xbf) skip(token & 0x1f);
    else {
      switch (token) {
        case 0xc0:
        case 0xc2:
        case 0xc3:
          break;
        case 0xc4:
        case 0xd9:
          skip(view.getUint8(take(1)));
          break;
        case 0xc5:
        case 0xda:
          skip(view.getUint16(take(2)));
          break;
        case 0xc6:
        case 0xdb:
          skip(view.getUint32(take(4)));
          break;
        case 0xcc:
        case 0xd0:
          skip(1);
          break;
        case 0xcd:
        case 0xd1:
          skip(2);
          break;
        case 0xca:
        case 0xce:
        case 0xd2:
          skip(4);
          break;
        case 0xcb:
        case 0xcf:
        case 0xd3:
          skip(8);
          break;
        case 0xdc:
          enter(view.getUint16(take(2)));
          break;
        case 0xdd:
          enter(view.getUint32(take(4)));
          break;
        case 0xde:
          enter(view.getUint16(take(2)) * 2);
          break;
        case 0xdf:
          enter(view.getUint32(take(4)) * 2);
          break;
        default:
          refuse(`type byte 0x${token.toString(16)} is not used in this protocol`);
      }
    }
  }
  if (position !== bytes.length) refuse('bytes follow after its end');
}
