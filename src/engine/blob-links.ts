import type { Signer } from '../lib/signer.ts'

/** Keeps these signatures from being good for anything else. */
const PURPOSE = 'blob link'

/** The query of an address that is good until `untilS` (seconds since 1970). */
export function signedQuery(signer: Signer, key: string, untilS: number): string {
  return `expires=${untilS}&signature=${signer.sign(PURPOSE, textOf(key, untilS))}`
}

/** Whether a query was made by {@link signedQuery} for this key, and is still good. */
export function isGoodQuery(
  signer: Signer,
  key: string,
  query: { readonly expires?: unknown; readonly signature?: unknown },
  nowMs: number,
): boolean {
  const { expires, signature } = query
  if (typeof expires !== 'string' || typeof signature !== 'string') return false
  const untilS = /^\d{1,12}$/.test(expires) ? Number(expires) : 0
  return untilS * 1000 > nowMs && signer.isSigned(PURPOSE, textOf(key, untilS), signature)
}

function textOf(key: string, untilS: number): string {
  return `${key}\n${untilS}`
}
