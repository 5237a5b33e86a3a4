import { isNamedHost } from '../lib/host-patterns.ts'

/**
 * A browser's endpoint comes from outside, so calling it must not become a way into the network
 * that the server stands in: only known push services are called, and only at public addresses.
 */
const KNOWN_HOSTS = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.services.mozilla.com',
  'web.push.apple.com',
  '*.push.apple.com',
  '*.notify.windows.com',
] as const

/** @param more hosts that the operator trusts as well: `push.example.org`, `*.example.org` */
export type EndpointRules = { readonly more: readonly string[] }

/** Why an endpoint may not be called, or `null`: it may. */
export function endpointRefusal(endpoint: string, { more }: EndpointRules): string | null {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (url?.protocol !== 'https:') return 'the endpoint must be an https URL'
  if (url.username !== '' || url.password !== '') return 'the endpoint must hold no password'
  if (isNamedHost(url, more)) return null
  if (!isNamedHost(url, KNOWN_HOSTS) || url.port !== '') {
    return 'the endpoint is not that of a known push service'
  }
  return null
}

/** Whether the operator named the host, whose addresses are then not looked at. */
export function isTrusted(url: URL, { more }: EndpointRules): boolean {
  return isNamedHost(url, more)
}
