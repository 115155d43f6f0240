/** Areas of error codes; the area is the code's first word. */
export type ErrorArea =
  | 'CONFIG'
  | 'ACCESS'
  | 'ADAPTER'
  | 'RECORDING'
  | 'EDF'
  | 'BRAINVISION'
  | 'XDF'
  | 'OPENBCI'
  | 'CSV'
  | 'PUSH'
  | 'SUBSCRIBE'
  | 'RAW'
  | 'LSL'
  | 'PIPELINE'
  | 'MODEL'
  | 'TIMELINE'
  | 'JOURNAL'
  | 'PROTOCOL'
  | 'REPLAY'
  | 'SERVER'
  | 'ALARM'
  | 'LABEL'
  | 'SINK'
  | 'SCORE'
  | 'USAGE';
export type ErrorCode = `${ErrorArea}_${string}`;

/**
 * The one error class of chirpd. `code` is stable and documented; the message says what is wrong, where, and what to
 * do about it, for a person. Bad bytes from a device are data and are counted, not thrown.
 */
export class ChirpdError extends Error {
  override readonly name = 'ChirpdError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${message} [${code}]`, options);
    this.code = code;
  }
}

export function isChirpdError(error: unknown, code?: ErrorCode): error is ChirpdError {
  return error instanceof ChirpdError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
