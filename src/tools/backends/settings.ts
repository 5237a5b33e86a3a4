import { type BackendSettings, backendOf, DEFAULT_SETTINGS } from '../../engine/backend.ts'
import { WriteConflict } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { hiddenOf } from './backend.ts'
import { readBackendRecord } from './read.ts'

type Check = { readonly holds: (value: unknown) => boolean; readonly form: string }

const flag: Check = { holds: (value) => typeof value === 'boolean', form: 'true or false' }

/** One for each setting of the data API: the type says that none is missing. */
const CHECKS: Readonly<Record<keyof BackendSettings, Check>> = {
  mbsRelease: textLike(/^\d{1,4}(\.\d{1,4}){0,3}$/, 'a release such as 1.6.5'),
  sessionIdleDays: wholeNumber(1, 3650),
  newUserVerification: flag,
  allowUserCreation: flag,
  friendsTwoWay: flag,
  perPageMax: wholeNumber(1, 1000),
  deleteByGet: flag,
  mailFrom: nullable(textLike(/^[^\0\r\n]{3,320}$/, 'an address on one line')),
  smtpUrl: nullable(textLike(/^smtps?:\/\/[^\s\0]{1,2000}$/, 'smtp://host:port or smtps://host')),
}

const TRIES = 5

/**
 * Changes settings of a backend's data API: those that are named, the others stay. Also of a
 * published one, since they are the owner's and no part of what was published.
 *
 * @returns all settings as they are now
 * @throws {ApiError} `asset_unknown`, `param_invalid` naming every wrong setting, `conflict`
 */
export async function updateBackendSettings(
  tools: ToolsContext,
  id: string,
  {
    changes,
    actor,
  }: { readonly changes: Readonly<Record<string, unknown>>; readonly actor: string },
): Promise<BackendSettings> {
  checkSettings(changes)
  for (let left = TRIES; ; left -= 1) {
    const before = await readBackendRecord(tools, id)
    const at = tools.now()
    const hidden = hiddenOf(before)
    const record = {
      ...before,
      updatedAt: at,
      data: JSON.stringify({
        ...(JSON.parse(before.data) as object),
        modifiedOn: new Date(at).toISOString(),
        modifiedBy: actor,
      }),
      hidden: JSON.stringify({ ...hidden, settings: { ...hidden.settings, ...changes } }),
    }
    try {
      const operations = [{ op: 'replace', record, ifVersion: before.version }] as const
      await tools.store.write({ operations, actor, at })
      return backendOf(record).settings
    } catch (error) {
      const lost = error instanceof WriteConflict && error.reason === 'version'
      if (!lost || left <= 1) throw error
    }
  }
}

/** @throws {ApiError} `param_invalid` */
function checkSettings(changes: Readonly<Record<string, unknown>>): void {
  const problems: Problems = []
  for (const [name, value] of Object.entries(changes)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof BackendSettings] : undefined
    if (!check) {
      const known = Object.keys(DEFAULT_SETTINGS).join(', ')
      problems.push(`${quoted(name)} is not a setting; there are ${known}.`)
    } else if (!check.holds(value)) problems.push(`${quoted(name)} must be ${check.form}.`)
  }
  refuseIfAny(problems)
}

function textLike(pattern: RegExp, form: string): Check {
  return { holds: (value) => typeof value === 'string' && pattern.test(value), form }
}

function nullable(check: Check): Check {
  return { holds: (value) => value === null || check.holds(value), form: `${check.form}, or null` }
}

function wholeNumber(least: number, most: number): Check {
  const holds = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return { holds, form: `a whole number from ${least} to ${most}` }
}
