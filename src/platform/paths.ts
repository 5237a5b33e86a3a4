/** Where the runtime of the Hub lies. Links are relative to the host, as those of the tools are. */
export const PLATFORM_BASE = '/mobile/platform'

/** The path of a resource; parts that came from outside are encoded. */
export function platformPath(...parts: readonly string[]): string {
  return [PLATFORM_BASE, ...parts.map(encodeURIComponent)].join('/')
}
