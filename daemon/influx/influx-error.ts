import { ChirpdError } from '../../pipelines/core/errors.js';

/** What an answer with an error status, thrown by the `influx` package, has; `res` is the answer. */
interface AnswerError extends Error {
  readonly res?: { readonly statusCode?: number };
}

/** Why points of theirs can never be written: other points of the same batch can. */
const BAD_POINT = /unable to parse|max key length exceeded|time outside range/i;
const TOO_OLD = /points beyond retention policy dropped=(\d+)/;

/** Points of an accepted write that the retention policy does not keep; undefined where the error is another. */
export function nPointsTooOld(error: unknown): number | undefined {
  const found = error instanceof Error ? TOO_OLD.exec(error.message) : null;
  return found === null ? undefined : Number(found[1]);
}

/**
 * Says what went wrong with a request, and what to do. The error that the package throws holds the request with its
 * password, and the server quotes points: neither is kept.
 */
export function influxError(error: unknown, url: string): ChirpdError {
  if (error instanceof ChirpdError) return error;
  const { message } = error instanceof Error ? error : { message: String(error) };
  const status = (error as AnswerError).res?.statusCode;
  const said = serverText(message);
  switch (status) {
    case 401:
      return new ChirpdError(
        'SINK_INFLUX_CREDENTIALS',
        `InfluxDB at ${url} refuses the user name or password; set influx.username and its password`,
      );
    case 403:
      return new ChirpdError(
        'SINK_INFLUX_CREDENTIALS',
        `the user of influx.username lacks a right in InfluxDB at ${url} (${said}); GRANT ALL on the database`,
      );
    case 404:
      return new ChirpdError('SINK_INFLUX_NO_DATABASE', `InfluxDB at ${url}: ${said}; make the database`);
    case 413:
      return new ChirpdError('SINK_INFLUX_BAD_POINT', `InfluxDB at ${url} says that a write is too large`);
    case undefined:
      return new ChirpdError('SINK_INFLUX_UNREACHABLE', `InfluxDB at ${url} is not available: ${message}`);
    default:
  }
  if (status === 400 && BAD_POINT.test(message)) {
    return new ChirpdError('SINK_INFLUX_BAD_POINT', `InfluxDB at ${url} cannot read a point`);
  }
  return new ChirpdError(
    'SINK_INFLUX_REFUSED',
    `InfluxDB at ${url} refuses points: ${said.replaceAll(/'.*'/gs, "'...'")}; see its log`,
  );
}

/** What a server says in `{"error": ...}`. */
function serverText(message: string): string {
  return (/"error":"(.*)"\}/s.exec(message)?.[1] ?? message).slice(0, 300);
}
