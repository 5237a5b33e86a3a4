import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Secret } from './secret.ts'

/** Keeps secrets of others (keys of push services) unreadable in the database and its backups. */
export type Vault = {
  /** @param purpose what it is and whose: what was sealed for one cannot be opened for another */
  seal(plain: string, purpose: string): string
  /** @throws {Error} when it was sealed by another installation or for another purpose */
  open(sealed: string, purpose: string): Secret
}

const FORM = 'v1.'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM with a key derived from the installation's secret (HKDF, RFC 5869). The nonce is
 * random: one key seals far fewer texts than the 2^32 for which that is safe.
 */
export function makeVault(secret: Secret): Vault {
  const key = Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'homeport vault', 32))
  return {
    seal(plain, purpose) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return FORM + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed, purpose) {
      if (!sealed.startsWith(FORM)) throw new Error('a sealed secret is of an unknown form')
      const bytes = Buffer.from(sealed.slice(FORM.length), 'base64url')
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
      cipher.setAAD(Buffer.from(purpose))
      cipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      try {
        const body = cipher.update(bytes.subarray(IV_BYTES + TAG_BYTES))
        return new Secret(Buffer.concat([body, cipher.final()]).toString('utf8'))
      } catch (cause) {
        throw new Error(
          'A sealed secret cannot be opened: HOMEPORT_SECRET, or secrets.json, is not the one it was sealed with.',
          { cause },
        )
      }
    },
  }
}
