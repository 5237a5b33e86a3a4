import { INSTANCE } from '../../engine/backend.ts'
import { tokenDigest } from '../../lib/ids.ts'
import type { RecordAddress, StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'

export const POLICY_TYPE = 'policy'

export type Policy = { readonly name: string; readonly value: string }

/** What a policy is asked for: an asset that a backend is, or that it has. */
export type Scope = { readonly backend?: Versioned; readonly artifact?: Versioned }

/** `name` with its namespace, if it has one: `custom/orders`. */
type Versioned = { readonly name: string; readonly version: string }

const VERSIONED = String.raw`(?:[A-Za-z]\w*/)?[A-Za-z]\w*(?:\([A-Za-z0-9][\w.]*\))?`

/** `<backend>(<ver>).<artifact>(<ver>).<Policy_Name>`, with `*` for any. */
const NAME = new RegExp(String.raw`^(?:\*|${VERSIONED})\.(?:\*|${VERSIONED})\.([A-Za-z]\w*)$`)

/** The policy that a scoped name is of, or `null` when it is none. */
export function policyOf(name: string): string | null {
  return NAME.exec(name)?.[1] ?? null
}

/** A policy is found by its name; 96 bits do not meet by accident. */
export function policyAddress(name: string): RecordAddress {
  return { backendId: INSTANCE, type: POLICY_TYPE, id: tokenDigest(name).slice(0, 24) }
}

export function policyOfRecord(record: StoredRecord): Policy {
  const { name, value } = JSON.parse(record.data) as Policy
  return { name, value }
}

/** The value of a policy: of those that are set and fit, the one with the narrowest name. */
export async function valueFor(
  { store }: Pick<ToolsContext, 'store'>,
  policy: string,
  scope: Scope,
): Promise<string | null> {
  return firstValue({ store }, namesFor(policy, scope))
}

/** The names under which a policy may be set for these, from the narrowest to the widest. */
export function namesFor(policy: string, { backend, artifact }: Scope): string[] {
  return partsFor(backend).flatMap((first) =>
    partsFor(artifact).map((second) => `${first}.${second}.${policy}`),
  )
}

/** The value of the first of these names that is set. */
export async function firstValue(
  { store }: Pick<ToolsContext, 'store'>,
  names: readonly string[],
): Promise<string | null> {
  const ids = names.map((name) => policyAddress(name).id)
  const [first] = await store.getMany(INSTANCE, POLICY_TYPE, ids)
  return first ? policyOfRecord(first).value : null
}

/** From the narrowest to the widest. */
function partsFor(one: Versioned | undefined): string[] {
  return one ? [`${one.name}(${one.version})`, one.name, '*'] : ['*']
}
