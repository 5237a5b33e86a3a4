/** Where the tools API lies. Links are relative to the host, so a proxy in front changes nothing. */
export const TOOLS_BASE = '/mobile/tools/1.0'

/** The path of a resource, e.g. `toolsPath('mobilebackends', id)`. */
export function toolsPath(...parts: readonly string[]): string {
  return [TOOLS_BASE, ...parts].join('/')
}
