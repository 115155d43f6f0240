/** Sample formats as the stream info names them. */
export const LSL_FORMATS = ['float32', 'double64', 'string', 'int32', 'int16', 'int8', 'int64'] as const;
export type LslFormat = (typeof LSL_FORMATS)[number];
export type NumericFormat = Exclude<LslFormat, 'string'>;

/** How values of a numeric format lie in bytes. */
export interface ValueLayout {
  readonly nBytes: number;
  readonly read: (view: DataView, byteOffset: number, littleEndian: boolean) => number;
  readonly write: (view: DataView, byteOffset: number, value: number, littleEndian: boolean) => void;
}

export const VALUE_LAYOUTS: Readonly<Record<NumericFormat, ValueLayout>> = {
  float32: {
    nBytes: 4,
    read: (view, at, little) => view.getFloat32(at, little),
    write: (view, at, value, little) => view.setFloat32(at, value, little),
  },
  double64: {
    nBytes: 8,
    read: (view, at, little) => view.getFloat64(at, little),
    write: (view, at, value, little) => view.setFloat64(at, value, little),
  },
  int32: {
    nBytes: 4,
    read: (view, at, little) => view.getInt32(at, little),
    write: (view, at, value, little) => view.setInt32(at, value, little),
  },
  int16: {
    nBytes: 2,
    read: (view, at, little) => view.getInt16(at, little),
    write: (view, at, value, little) => view.setInt16(at, value, little),
  },
  int8: {
    nBytes: 1,
    read: (view, at) => view.getInt8(at),
    write: (view, at, value) => view.setInt8(at, value),
  },
  int64: {
    nBytes: 8,
    read: (view, at, little) => Number(view.getBigInt64(at, little)),
    write: (view, at, value, little) => view.setBigInt64(at, BigInt(Math.trunc(value)), little),
  },
};

export function isLslFormat(text: string): text is LslFormat {
  return (LSL_FORMATS as readonly string[]).includes(text);
}

/** Bytes of one value as both sides of a connection tell each other; strings have none of their own. */
export function valueBytes(format: LslFormat): number {
  return format === 'string' ? 0 : VALUE_LAYOUTS[format].nBytes;
}
