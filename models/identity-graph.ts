/**
 * An ONNX file whose output `out` is its input `in`, a matrix of float32: written out field by field, as protocol buffers
 * are (field number, wire type, value).
 */
export function identityGraph(): Uint8Array {
  const matrix = (name: string): number[] => {
    const shape = part(2, [...part(1, text(2, 'rows')), ...part(1, text(2, 'columns'))]);
    return [...text(1, name), ...part(2, part(1, [...whole(1, FLOAT), ...shape]))];
  };
  const node = [...text(1, 'in'), ...text(2, 'out'), ...text(4, 'Identity')];
  const graph = [...part(1, node), ...text(2, 'identity'), ...part(11, matrix('in')), ...part(12, matrix('out'))];
  return Uint8Array.from([...whole(1, IR_VERSION), ...part(7, graph), ...part(8, whole(2, OPSET))]);
}

const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 16;

/** All numbers here are below 128, so that each takes one byte. */
function whole(field: number, value: number): number[] {
  return [field << 3, value];
}

function part(field: number, bytes: readonly number[]): number[] {
  return [(field << 3) | 2, bytes.length, ...bytes];
}

function text(field: number, value: string): number[] {
  return part(field, [...new TextEncoder().encode(value)]);
}
