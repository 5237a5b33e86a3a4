/**
 * Whether an operator named the host of an address: by its name, by its name and port, or by
 * `*.example.org` for every name below.
 */
export function isNamedHost(
  { host, hostname }: Pick<URL, 'host' | 'hostname'>,
  patterns: readonly string[],
): boolean {
  return [host, hostname].some((name) => patterns.some((pattern) => matches(name, pattern)))
}

function matches(name: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern.toLowerCase()
}
