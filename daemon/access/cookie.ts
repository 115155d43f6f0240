/**
 * Name of the session's cookie. Browsers keep cookies of a host for all its ports: the port tells two daemons apart. With TLS
 * the prefix makes browsers refuse it from anything but this host over TLS.
 */
export function cookieNameOf(port: number, isTls: boolean): string {
  return `${isTls ? '__Host-' : ''}chirpd-${String(port)}`;
}

/** The value of a cookie in a `Cookie` header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `Set-Cookie` header; an empty value takes the cookie away. Scripts do not see it, and other sites' pages do not send it. */
export function setCookie(name: string, value: string, seconds: number, isSecure: boolean): string {
  const attributes = ['Path=/', `Max-Age=${String(seconds)}`, 'HttpOnly', 'SameSite=Strict'];
  return [`${name}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}
