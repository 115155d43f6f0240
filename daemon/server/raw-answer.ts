import { STATUS_CODES } from 'node:http';

/** Body of every answer that is an error. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

/** An HTTP answer as text, for sockets that are not in the hands of the HTTP server; the connection ends with it. */
export function rawAnswer(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}): string {
  const text = JSON.stringify(body);
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n` +
    'Content-Type: application/json; charset=utf-8\r\n' +
    more.join('') +
    `Content-Length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`
  );
}
