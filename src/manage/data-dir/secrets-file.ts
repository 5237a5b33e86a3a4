import { randomBytes } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../../lib/secret.ts'
import { readIfThere, writePrivateFile } from './private-file.ts'

/** The secret of this installation, made when it is first asked for. */
export function installationSecret(directory: string): Secret {
  const path = join(directory, 'secrets.json')
  const found = readIfThere(path)
  if (found === null) {
    const secret = randomBytes(32).toString('base64url')
    writePrivateFile(path, `${JSON.stringify({ secret })}\n`)
    return new Secret(secret)
  }
  // A copy or a restore may have widened the mode; the owner alone reads it.
  chmodSync(path, 0o600)
  return new Secret(secretIn(found, path))
}

function secretIn(text: string, path: string): string {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    content = null
  }
  const secret = (content as { secret?: unknown } | null)?.secret
  if (typeof secret === 'string' && secret.length >= 32) return secret
  // The text itself must not be in the message, nor in its cause.
  throw new Error(
    `${path} is damaged: restore it from a backup, or remove it: a new one ends all links signed so far.`,
  )
}
