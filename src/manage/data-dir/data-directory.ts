import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Secret } from '../../lib/secret.ts'
import { Refused } from '../refused.ts'
import { VERSION } from '../version.ts'
import { installationSecret } from './secrets-file.ts'
import { readServerFile } from './server-file.ts'
import { claimVersion } from './version-file.ts'

export type DataDirectory = {
  /** Signs what the server hands out and must recognise later. */
  readonly secret: Secret
  close(): void
}

/** A command is done in a moment, also on a slow machine; a server is not. */
const LOCK_WAIT_MS = 15_000
const LOCK_LOOK_MS = 250

/**
 * Makes the folder if it is missing and takes it for this process.
 * @throws {Refused} `data_dir_in_use`, `data_dir_newer`, `data_dir_forbidden`
 */
export async function openDataDirectory(config: Config): Promise<DataDirectory> {
  const directory = config.dataDir
  makeFolder(directory)
  if (config.exclusiveDir) makeFolder(config.exclusiveDir)
  const lock = config.exclusiveDir ? await lockFolder(config.exclusiveDir, directory) : null
  try {
    claimVersion(directory, VERSION)
    const secret = config.secret ?? installationSecret(directory)
    return { secret, close: () => lock?.release() }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** A server that was killed leaves its file; whoever has the lock then will soon give it back. */
function livingServer(dataDir: string) {
  const server = readServerFile(dataDir)
  if (!server) return null
  try {
    process.kill(server.pid, 0)
    return server
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? server : null
  }
}

function makeFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Refused(
      'data_dir_forbidden',
      `The data directory ${directory} cannot be used: make it a folder that this user may write, ` +
        'or name another with --data-dir or HOMEPORT_DATA_DIR.',
      { cause: error },
    )
  }
}

async function lockFolder(directory: string, dataDir: string) {
  // Loaded here: with a database server there is no use for the driver.
  const { takeLock } = await import('./lock.ts')
  const deadline = Date.now() + LOCK_WAIT_MS
  let server = null
  while (!server && Date.now() < deadline) {
    const lock = await takeLock(join(directory, 'lock'), LOCK_LOOK_MS)
    if (lock) return lock
    server = livingServer(dataDir)
  }
  const who = server ? ` by the server at ${server.url} (process ${server.pid})` : ''
  throw new Refused(
    'data_dir_in_use',
    `The data directory ${directory} is in use${who}. ` +
      'Stop that first, or name another folder with --data-dir or HOMEPORT_DATA_DIR.',
  )
}
