/** What one look of `chirpd doctor` found. */
export interface Finding {
  /** What was looked at: `port`, `model`, `Bed 3`. */
  readonly what: string;
  /** warning: chirpd runs, but not as it might; failed: it does not run, or not all of it. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly text: string;
  /** What to do; '' where all is well. */
  readonly advice: string;
}

export function ok(what: string, text: string): Finding {
  return { what, state: 'ok', text, advice: '' };
}

export function warning(what: string, text: string, advice: string): Finding {
  return { what, state: 'warning', text, advice };
}

export function failed(what: string, text: string, advice: string): Finding {
  return { what, state: 'failed', text, advice };
}
