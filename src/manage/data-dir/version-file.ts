import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refused } from '../refused.ts'
import { readIfThere } from './private-file.ts'

/**
 * Holds the data directory to versions that know its form: `VERSION` names the newest program that
 * has written there. Within a minor version the form does not change, so patches go both ways.
 * @throws {Refused} `data_dir_newer`
 */
export function claimVersion(directory: string, version: string): void {
  const path = join(directory, 'VERSION')
  const found = readIfThere(path)?.trim()
  if (found && isNewerForm(found, version)) {
    throw new Refused(
      'data_dir_newer',
      `${directory} was written by Homeport ${found}, and this is ${version}. ` +
        `Start Homeport ${found} or newer, or restore a backup made by ${version}.`,
    )
  }
  if (found !== version) writeFileSync(path, `${version}\n`)
}

/** @returns true when `found` has a later major or minor number than `own` */
function isNewerForm(found: string, own: string): boolean {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const [ownMajor = 0, ownMinor = 0] = own.split('.').map(Number)
  return major > ownMajor || (major === ownMajor && minor > ownMinor)
}
