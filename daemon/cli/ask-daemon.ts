import { request as requestPlain, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import type { DaemonAccess } from './daemon-access.js';

export interface DaemonAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks a daemon over HTTP or HTTPS. Not by `fetch`, which takes no authority of its own in Node 20. @throws Error where no answer comes */
export async function askDaemon(
  url: URL,
  {
    method,
    body,
    token,
    ca,
    timeoutMs,
  }: DaemonAccess & { method: string; body?: object | undefined; timeoutMs: number },
): Promise<DaemonAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  const options: RequestOptions = { method, headers, signal: AbortSignal.timeout(timeoutMs) };
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? requestTls(url, { ...options, ...(ca !== undefined && { ca }) })
        : requestPlain(url, options);
    sent.on('error', reject);
    sent.on('response', (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (answer += chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: answer });
      });
    });
    sent.end(text);
  });
}
