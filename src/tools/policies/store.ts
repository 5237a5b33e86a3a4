import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { bodyOf, refuseBad } from '../assets/body.ts'
import { retrying } from '../assets/change.ts'
import type { ToolsContext } from '../context.ts'
import { quoted, refuseIfAny } from '../problems.ts'
import { problemWithValue } from './known.ts'
import { POLICY_TYPE, type Policy, policyAddress, policyOf, policyOfRecord } from './policy.ts'

const NAME_MAX = 506
const VALUE_MAX = 4000
const PAGE = 500

/** @throws {ApiError} `param_invalid` */
export function readPolicy(json: unknown): Policy {
  const body = bodyOf(json)
  const { name, value } = body.members
  if (typeof name !== 'string') body.problems.push("'name' is required, as text.")
  if (typeof value !== 'string') body.problems.push("'value' is required, as text.")
  refuseBad(body)
  return { name: String(name), value: String(value) }
}

/** What is wrong with a policy, or `null`. */
export function problemWith({ name, value }: Policy): string | null {
  if (name.length > NAME_MAX) return `A name must have at most ${NAME_MAX} characters.`
  const policy = policyOf(name)
  if (policy === null) {
    return `${quoted(name)} is not the name of a policy; it has the form backend(version).artifact(version).Policy_Name, with * for any.`
  }
  if (value.length > VALUE_MAX) return `A value must have at most ${VALUE_MAX} characters.`
  if (/[\0\p{Surrogate}]/u.test(value)) return `The value of ${quoted(name)} cannot be stored.`
  return problemWithValue(policy, value)
}

/** Sets a policy, whether it was set before or not. @throws {ApiError} `param_invalid` */
export async function setPolicy(tools: ToolsContext, policy: Policy, actor: string): Promise<void> {
  const problem = problemWith(policy)
  refuseIfAny(problem === null ? [] : [problem])
  await retrying(async () => {
    const before = await tools.store.get(policyAddress(policy.name))
    const at = tools.now()
    await tools.store.write({ operations: [setting(policy, before, { actor, at })], actor, at })
  })
}

/** @throws {ApiError} `policy_unknown` */
export async function readOnePolicy(tools: ToolsContext, name: string): Promise<Policy> {
  const record = await tools.store.get(policyAddress(name))
  if (!record) throw new ApiError('policy_unknown')
  return policyOfRecord(record)
}

/** @throws {ApiError} `policy_unknown` */
export async function deletePolicy(
  tools: ToolsContext,
  name: string,
  actor: string,
): Promise<void> {
  await retrying(async () => {
    await readOnePolicy(tools, name)
    const operations = [{ op: 'delete', address: policyAddress(name) }] as const
    await tools.store.write({ operations, actor, at: tools.now() })
  })
}

/** All that are set, by name. */
export async function listPolicies(tools: ToolsContext): Promise<Policy[]> {
  const policies = (await allRecords(tools)).map(policyOfRecord)
  return policies.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export type ImportOptions = {
  readonly actor: string
  /** Those that are set already become others. */
  readonly overwrite: boolean
  /** Those that are not among the new ones go. */
  readonly purge: boolean
}

/** Sets many policies at once, or none of them. */
export async function importPolicies(
  tools: ToolsContext,
  policies: readonly Policy[],
  { actor, overwrite, purge }: ImportOptions,
): Promise<void> {
  await retrying(async () => {
    const before = new Map((await allRecords(tools)).map((one) => [policyOfRecord(one).name, one]))
    const wanted = new Map(policies.map((one) => [one.name, one]))
    const at = tools.now()
    const set = [...wanted.values()]
      .filter(({ name }) => overwrite || !before.has(name))
      .map((policy) => setting(policy, before.get(policy.name) ?? null, { actor, at }))
    const gone = [...before.values()]
      .filter((record) => purge && !wanted.has(policyOfRecord(record).name))
      .map((record): WriteOperation => {
        return { op: 'delete', address: record, ifVersion: record.version }
      })
    const operations = [...set, ...gone]
    if (operations.length > 0) await tools.store.write({ operations, actor, at })
  })
}

function setting(
  { name, value }: Policy,
  before: StoredRecord | null,
  { actor, at }: { readonly actor: string; readonly at: number },
): WriteOperation {
  const record: NewRecord = {
    ...policyAddress(name),
    ownerId: null,
    aclId: null,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
    data: JSON.stringify({ name, value, modifiedBy: actor }),
    hidden: null,
    keys: {},
    claims: [],
  }
  return before ? { op: 'replace', record, ifVersion: before.version } : { op: 'insert', record }
}

async function allRecords({ store }: ToolsContext): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (;;) {
    const last = all.at(-1)?.id
    const { records } = await store.find({
      backendId: INSTANCE,
      type: POLICY_TYPE,
      ...(last !== undefined && { where: { op: 'gt', field: 'id', value: last } }),
      orderBy: [{ field: 'id', direction: 'asc' }],
      limit: PAGE,
    })
    all.push(...records)
    if (records.length < PAGE) return all
  }
}
