/** True for the beginning of a text file as the OpenBCI GUI writes it, of any version. */
export function isOpenBciText(beginning: string): boolean {
  return /^\uFEFF?%(?:OpenBCI|.*\n(?:%.*\n)*?%\s*(?:Sample Rate|Number of channels)\s*=)/i.test(beginning);
}
