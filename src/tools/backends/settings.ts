import { type BackendSettings, backendOf, DEFAULT_SETTINGS } from '../../engine/backend.ts'
import { changeAsset } from '../assets/change.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { hiddenOf } from './backend.ts'
import { readBackendRecord } from './read.ts'

type Check = { readonly holds: (value: unknown) => boolean; readonly form: string }

const flag: Check = { holds: (value) => typeof value === 'boolean', form: 'true or false' }

const LIST_MAX = 50

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
  mailTestMode: flag,
  mailTestAddress: nullable(textLike(/^[^\s\0@]{1,64}@[^\s\0@]{1,255}$/, 'a mail address')),
  templateMailsPerHour: wholeNumber(0, 1_000_000),
  facebookAppId: nullable(textLike(/^\d{1,32}$/, 'the number of a Facebook app')),
  pushesPerHour: wholeNumber(0, 1_000_000),
  notifyTokensAdminOnly: flag,
  trustedAccountTypes: listOf(textLike(/^[a-z][a-z0-9_.-]{0,49}$/, 'a type such as twitter')),
}

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
  await readBackendRecord(tools, id)
  const record = await changeAsset(tools, id, { actor }, (before) => ({
    hidden: { settings: { ...hiddenOf(before).settings, ...changes } },
    happenings: [
      { action: 'UPDATED', changed: Object.keys(changes).map((one) => `settings.${one}`) },
    ],
  }))
  return backendOf(record).settings
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

function listOf(check: Check): Check {
  const holds = (value: unknown) =>
    Array.isArray(value) && value.length <= LIST_MAX && value.every(check.holds)
  return { holds, form: `a list of at most ${LIST_MAX}, each ${check.form}` }
}

function wholeNumber(least: number, most: number): Check {
  const holds = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return { holds, form: `a whole number from ${least} to ${most}` }
}
