import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

export type FetchOptions = {
  /** For connecting, and for each wait for more bytes. */
  readonly idleMs: number
  readonly redirectsMax: number
  /** Other addresses than public ones are taken too. */
  readonly allowsPrivate: boolean
  readonly signal: AbortSignal
}

/** The address will never give a file: trying again is of no use. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused'
}

/**
 * Gets what stands at an address that a stranger named. The name is resolved once, and the
 * connection goes to the very address that was found to be public, so that a name cannot point
 * elsewhere in between. The caller reads the stream to its end or destroys it.
 *
 * @throws {FetchRefused}
 */
export async function fetchPublic(
  address: string,
  options: FetchOptions,
): Promise<IncomingMessage> {
  let url = webUrl(address)
  for (let redirects = 0; redirects <= options.redirectsMax; redirects += 1) {
    const reply = await get(url, options)
    const { statusCode: status = 0, headers } = reply
    if (status === 200) return reply
    reply.destroy()
    if (![301, 302, 303, 307, 308].includes(status)) throw unwanted(status)
    url = webUrl(headers.location ?? '', url)
  }
  throw new FetchRefused('the address is redirected too often')
}

/** @throws {FetchRefused} for what is no plain http or https address */
export function webUrl(address: string, base?: URL): URL {
  const url = URL.canParse(address, base?.href) ? new URL(address, base) : null
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isWeb || url.username !== '' || url.password !== '') {
    throw new FetchRefused('it is no http or https address')
  }
  return url
}

/** A server that is busy or broken may answer later. */
function unwanted(status: number): Error {
  const message = `the server answered with status ${status}`
  return status >= 500 || status === 408 || status === 429
    ? new Error(message)
    : new FetchRefused(message)
}

function get(url: URL, { allowsPrivate, idleMs, signal }: FetchOptions): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // An address that is written out is never looked up.
  if (isIP(host) !== 0 && !allowsPrivate) assertPublic([host])
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      signal,
      // No connection is kept for the next one: it was checked for this.
      agent: false,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'homeport' },
      lookup: allowsPrivate ? lookup : publicLookup,
    })
    sent.setTimeout(idleMs, () => sent.destroy(new Error('the server does not answer')))
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end()
  })
}

type Looked = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** As `dns.lookup`, but a name with any address that is not public counts as having none. */
export function publicLookup(hostname: string, options: LookupOptions, done: Looked): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, [])
    try {
      assertPublic(addresses.map(({ address }) => address))
    } catch (refusal) {
      return done(refusal as Error, [])
    }
    const [first] = addresses
    if (options.all || !first) return done(null, addresses)
    return done(null, first.address, first.family)
  })
}

/** @throws {FetchRefused} */
function assertPublic(addresses: readonly string[]): void {
  if (addresses.every(isPublicAddress)) return
  throw new FetchRefused('the address is not on the public internet')
}
