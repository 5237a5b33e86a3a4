import { ApiError } from '../../errors.ts'
import { DEFAULT_VERSION, VERSION } from '../assets/fields.ts'
import type { ToolsContext } from '../context.ts'
import { type Scope, valueFor } from './policy.ts'

/** The states of assets that an `Asset_Allow...` policy lets be treated so. */
const ALLOWED = ['all', 'none', 'draft', 'published'] as const

const KNOWN: Readonly<
  Record<string, { readonly holds: (value: string) => boolean; readonly form: string }>
> = {
  Asset_DefaultInitialVersion: {
    holds: (value) => value.length <= VERSION.charactersMax && VERSION.pattern.test(value),
    form: VERSION.form,
  },
  Asset_AllowTrash: oneOf('All', 'None', 'Draft', 'Published'),
  Asset_AllowUntrash: oneOf('All', 'None', 'Draft', 'Published'),
  Asset_AllowPurge: oneOf('All', 'None', 'Draft', 'Published'),
}

/** What is wrong with the value of a policy that the server itself heeds, or `null`. */
export function problemWithValue(policy: string, value: string): string | null {
  const known = Object.hasOwn(KNOWN, policy) ? KNOWN[policy] : undefined
  return !known || known.holds(value) ? null : `${policy} must be ${known.form}.`
}

/** The version of what is made without one. */
export async function defaultVersion(tools: Pick<ToolsContext, 'store'>): Promise<string> {
  return (await valueFor(tools, 'Asset_DefaultInitialVersion', {})) ?? DEFAULT_VERSION
}

/**
 * Whether a policy lets assets be trashed, restored or purged in the state that they have.
 *
 * @throws {ApiError} `asset_blocked`, naming the policy
 */
export async function requireAllowed(
  tools: Pick<ToolsContext, 'store'>,
  policy: 'Asset_AllowTrash' | 'Asset_AllowUntrash' | 'Asset_AllowPurge',
  { published, scope }: { readonly published: boolean; readonly scope: Scope },
): Promise<void> {
  const value = (await valueFor(tools, policy, scope)) ?? 'All'
  const allowed = ALLOWED.find((one) => one === value.toLowerCase()) ?? 'none'
  if (allowed === 'all' || allowed === (published ? 'published' : 'draft')) return
  throw new ApiError('asset_blocked', `The policy ${policy} is ${value}.`)
}

function oneOf(...values: readonly string[]) {
  const lower = values.map((one) => one.toLowerCase())
  return {
    holds: (value: string) => lower.includes(value.toLowerCase()),
    form: `one of ${values.join(', ')}`,
  }
}
