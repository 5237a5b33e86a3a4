import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { bodyOf, refuseBad } from '../assets/body.ts'
import { retrying } from '../assets/change.ts'
import { changesBetween } from '../audit/changes.ts'
import { type Actor, auditInsert, type By, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { allBindings, bindingOf, bindOperations, boundApi } from '../implementations/binding.ts'
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
export async function setPolicy(tools: ToolsContext, policy: Policy, actor: Actor): Promise<void> {
  const problem = problemWith(policy)
  refuseIfAny(problem === null ? [] : [problem])
  await retrying(async () => {
    const by = byOf(actor, tools.now())
    const apiRecord = await boundApi(tools, policy.name)
    const operations = apiRecord
      ? await bindOperations(tools, { apiRecord, value: policy.value }, by)
      : settingOf(policy, await tools.store.get(policyAddress(policy.name)), by)
    if (operations.length > 0) await tools.store.write(batchBy(by, operations))
  })
}

/** @throws {ApiError} `policy_unknown` */
export async function readOnePolicy(tools: ToolsContext, name: string): Promise<Policy> {
  const apiRecord = await boundApi(tools, name)
  if (apiRecord) return bindingOf(tools, apiRecord)
  const record = await tools.store.get(policyAddress(name))
  if (!record) throw new ApiError('policy_unknown')
  return policyOfRecord(record)
}

/** @throws {ApiError} `policy_unknown` */
export async function deletePolicy(tools: ToolsContext, name: string, actor: Actor): Promise<void> {
  await retrying(async () => {
    const by = byOf(actor, tools.now())
    const apiRecord = await boundApi(tools, name)
    const before = await tools.store.get(policyAddress(name))
    if (!apiRecord && !before) throw new ApiError('policy_unknown')
    const operations = [
      ...(apiRecord ? await bindOperations(tools, { apiRecord, value: null }, by) : []),
      ...(before ? removalOf(before, by) : []),
    ]
    if (operations.length > 0) await tools.store.write(batchBy(by, operations))
  })
}

/** All that are set, by name. */
export async function listPolicies(tools: ToolsContext): Promise<Policy[]> {
  const [kept, bindings] = await Promise.all([allRecords(tools), allBindings(tools)])
  // What was set before there was the API means nothing while there is one.
  const all = new Map([...kept.map(policyOfRecord), ...bindings].map((one) => [one.name, one]))
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export type ImportOptions = {
  readonly actor: Actor
  /** Those that are set already become others. */
  readonly overwrite: boolean
  /** Those that are not among the new ones go. */
  readonly purge: boolean
}

/**
 * Sets many policies at once, or none of them. An API is always bound to something: so `purge` leaves
 * bindings that are not among the new ones.
 */
export async function importPolicies(
  tools: ToolsContext,
  policies: readonly Policy[],
  { actor, overwrite, purge }: ImportOptions,
): Promise<void> {
  await retrying(async () => {
    const before = new Map((await allRecords(tools)).map((one) => [policyOfRecord(one).name, one]))
    const wanted = new Map(policies.map((one) => [one.name, one]))
    const by = byOf(actor, tools.now())
    const set: WriteOperation[] = []
    for (const policy of wanted.values()) {
      const { name, value } = policy
      const apiRecord = await boundApi(tools, name)
      if (apiRecord && overwrite) {
        set.push(...(await bindOperations(tools, { apiRecord, value }, by)))
      } else if (!apiRecord && (overwrite || !before.has(name))) {
        set.push(...settingOf(policy, before.get(name) ?? null, by))
      }
    }
    const gone = [...before.values()]
      .filter((record) => purge && !wanted.has(policyOfRecord(record).name))
      .flatMap((record) => removalOf(record, by))
    const operations = [...set, ...gone]
    if (operations.length > 0) await tools.store.write(batchBy(by, operations))
  })
}

/** The write of a policy, with its entry in the audit log. */
export function settingOf(policy: Policy, before: StoredRecord | null, by: By): WriteOperation[] {
  const { name, value } = policy
  const { actor, at } = by
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
  const write: WriteOperation = before
    ? { op: 'replace', record, ifVersion: before.version }
    : { op: 'insert', record }
  const action = before ? 'UPDATED' : 'CREATED'
  return [
    write,
    auditOf(action, { name, from: before && policyOfRecord(before).value, to: value }, by),
  ]
}

function removalOf(before: StoredRecord, by: By): WriteOperation[] {
  const { name, value } = policyOfRecord(before)
  return [
    { op: 'delete', address: before, ifVersion: before.version },
    auditOf('DELETED', { name, from: value, to: null }, by),
  ]
}

type Became = { readonly name: string; readonly from: string | null; readonly to: string | null }

/** A policy is known by its name, so that is its id too. */
function auditOf(action: string, { name, from, to }: Became, by: By): WriteOperation {
  const changes = changesBetween({ value: from }, { value: to })
  return auditInsert({ actions: [action], target: { type: 'Policy', id: name, name }, changes }, by)
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
