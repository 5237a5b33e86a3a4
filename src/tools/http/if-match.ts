import { ApiError } from '../../errors.ts'

/** What an `If-Match` header lets pass: anything there is, these tags, or, without one, anything. */
export type IfMatch = '*' | readonly string[] | null

// Quoted or bare, strong or weak (proxies make them so), behind a comma or at the beginning.
const TAG = /\s*(?:W\/)?(?:"([^"]*)"|([^\s",]+))\s*(?:,|$)/iy

/** Reads the header; of one that makes no sense nothing matches. */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined) return null
  const text = header.trim()
  if (text === '*') return '*'
  const tags: string[] = []
  TAG.lastIndex = 0
  while (TAG.lastIndex < text.length) {
    const match = TAG.exec(text)
    if (!match) return []
    tags.push(match[1] ?? match[2] ?? '')
  }
  return tags
}

/**
 * @param tags any of which names the present state
 * @throws {ApiError} `etag_stale`
 */
export function requireMatch(ifMatch: IfMatch, ...tags: readonly string[]): void {
  if (ifMatch === null || ifMatch === '*') return
  if (!tags.some((tag) => ifMatch.includes(tag))) throw new ApiError('etag_stale')
}
