import type { AppPolicies } from '../../../engine/backend.ts'
import { ApiError } from '../../../errors.ts'
import { type Body, bodyOf, refuseBad } from '../../assets/body.ts'
import { type ChangeOptions, changeAsset } from '../../assets/change.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import type { ToolsContext } from '../../context.ts'
import { quoted } from '../../problems.ts'
import { type BackendAsset, backendAssetOf } from '../backend.ts'
import { readBackendRecord } from '../read.ts'

type Value = AppPolicies[string]

const POLICIES_MAX = 200
const TEXT_MAX = 4000
const NAME = /^[A-Za-z][\w.-]{0,99}$/

/** All app policies of a backend, as a body has them. @throws {ApiError} `param_invalid` */
export function readAppPolicies(json: unknown): AppPolicies {
  const body = bodyOf(json)
  const entries = Object.entries(body.members)
  if (entries.length > POLICIES_MAX) {
    body.problems.push(`A backend can have at most ${POLICIES_MAX} app policies.`)
  }
  for (const [name, value] of entries) checkPolicy(body, name, value)
  refuseBad(body)
  return Object.fromEntries(entries) as AppPolicies
}

/** The value of one, from a body `{ "value": ... }`. @throws {ApiError} `param_invalid` */
export function readAppPolicy(json: unknown, name: string): Value {
  const body = bodyOf(json)
  const { value } = body.members
  if (value === undefined) body.problems.push("'value' is required.")
  else checkPolicy(body, name, value)
  refuseBad(body)
  return value as Value
}

function checkPolicy({ problems }: Body, name: string, value: unknown): void {
  if (!NAME.test(name)) {
    const form = 'a letter followed by at most 99 letters, digits, dots, hyphens and underscores'
    problems.push(`${quoted(name)} is no name of an app policy; it must be ${form}.`)
  }
  const isText = typeof value === 'string' && value.length <= TEXT_MAX
  if (typeof value === 'number' || typeof value === 'boolean') return
  if (!isText || /[\0\p{Surrogate}]/u.test(value)) {
    problems.push(
      `${quoted(name)} must be true, false, a number, or text of at most ${TEXT_MAX} characters.`,
    )
  }
}

/** @throws {ApiError} `app_policy_unknown` */
export function appPolicyIn({ appPolicies }: BackendAsset, name: string): Value {
  const value = Object.hasOwn(appPolicies, name) ? appPolicies[name] : undefined
  if (value === undefined) throw new ApiError('app_policy_unknown')
  return value
}

/**
 * Changes what the apps of a backend are told, also of a published one: that is what it is for.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen` for one in the trash, and whatever
 *   `change` throws
 */
export async function changeAppPolicies(
  tools: ToolsContext,
  id: string,
  options: ChangeOptions & { readonly change: (backend: BackendAsset) => AppPolicies },
): Promise<BackendAsset> {
  await readBackendRecord(tools, id)
  const changed = await changeAsset(tools, id, options, (before) => {
    const backend = backendAssetOf(before)
    outcomeOf(backend, 'configure')
    const appPolicies = options.change(backend)
    if (Object.keys(appPolicies).length > POLICIES_MAX) {
      const text = `A backend can have at most ${POLICIES_MAX} app policies.`
      throw new ApiError('param_invalid', text)
    }
    return {
      data: { appPolicies },
      happenings: [{ action: 'UPDATED', changed: ['appPolicies'] }],
    }
  })
  return backendAssetOf(changed)
}
