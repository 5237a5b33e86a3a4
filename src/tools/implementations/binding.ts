import { INSTANCE } from '../../engine/backend.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { APIS, type Api, CUSTOM_NAMESPACE } from '../apis/api.ts'
import { changeOperations } from '../assets/change.ts'
import { nameClaim } from '../assets/fields.ts'
import type { By } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { firstValue, namesFor, type Policy, type Scope } from '../policies/policy.ts'
import { defaultDecision } from './default.ts'
import { IMPLEMENTATIONS } from './implementation.ts'
import { implementationsOf, requireNamed } from './read.ts'

/**
 * The policy that binds an API to an implementation, seen as the policies see it. What it says is a
 * member of the API, and of a policy of this name nothing else is kept as long as there is the API:
 * see docs/adr/0009-custom-apis.md.
 */
const BINDING_POLICY = 'Routing_BindApiToImpl'

const NAME = /^\*\.custom\/([A-Za-z]\w*)\(([A-Za-z0-9][\w.]*)\)\.Routing_BindApiToImpl$/

/** The live API that a policy binds for all backends, or `null` when it is about something else. */
export async function boundApi(
  { store }: Pick<ToolsContext, 'store'>,
  policyName: string,
): Promise<StoredRecord | null> {
  const [, name, version] = NAME.exec(policyName) ?? []
  if (name === undefined || version === undefined) return null
  const claim = nameClaim(APIS.recordType, { namespace: CUSTOM_NAMESPACE, name, version })
  return store.getByClaim(INSTANCE, claim)
}

/**
 * What a policy of one backend binds an API to, there alone; `null` when none does. Policies of all
 * backends are told by the API itself.
 */
export async function bindingFor(
  stores: Pick<ToolsContext, 'store'>,
  { backend, artifact }: Required<Scope>,
): Promise<string | null> {
  const names = namesFor(BINDING_POLICY, { backend, artifact })
  const own = names.filter((name) => !name.startsWith('*.'))
  // Exports have it empty where nothing is bound.
  return (await firstValue(stores, own)) || null
}

/** What an API is bound to, as a policy. */
export async function bindingOf(
  { store }: Pick<ToolsContext, 'store'>,
  apiRecord: StoredRecord,
): Promise<Policy> {
  const api = APIS.read(apiRecord)
  const id = api.defaultImplementationId ?? ''
  const record = await store.get({ backendId: INSTANCE, type: IMPLEMENTATIONS.recordType, id })
  return { name: policyNameOf(api), value: record ? fullNameOf(record) : '' }
}

/** What all live APIs are bound to. */
export async function allBindings(tools: ToolsContext): Promise<Policy[]> {
  const [apis, implementations] = await Promise.all([
    tools.lists.of(APIS).current(),
    tools.lists.of(IMPLEMENTATIONS).current(),
  ])
  const values = new Map(
    implementations.entries.map(({ asset }) => [asset.id, `${asset.name}(${asset.version})`]),
  )
  return apis.entries
    .filter(({ asset }) => !asset.inTrash)
    .map(({ asset }) => ({
      name: policyNameOf(asset),
      value: values.get(asset.defaultImplementationId ?? '') ?? '',
    }))
}

/**
 * The writes that bind an API to the implementation that a value names.
 *
 * @param value `null`: to the mock that came with the API
 * @throws {ApiError} `param_invalid`, `asset_blocked`
 */
export async function bindOperations(
  tools: ToolsContext,
  { apiRecord, value }: { readonly apiRecord: StoredRecord; readonly value: string | null },
  by: By,
): Promise<WriteOperation[]> {
  const record =
    value === null
      ? await mockOf(tools, apiRecord.id)
      : await requireNamed(tools, apiRecord.id, value)
  if (record.id === APIS.read(apiRecord).defaultImplementationId) return []
  const { checks, ...change } = defaultDecision(apiRecord, record)
  return [...changeOperations({ ...change, before: apiRecord }, by), ...checks]
}

async function mockOf(tools: ToolsContext, apiId: string): Promise<StoredRecord> {
  const all = await implementationsOf(tools, apiId)
  const mock = all.find((record) => IMPLEMENTATIONS.read(record).mock)
  if (!mock) throw new RangeError(`the API ${apiId} has no mock`)
  return mock
}

function policyNameOf({ name, version }: Pick<Api, 'name' | 'version'>): string {
  return `*.${CUSTOM_NAMESPACE}/${name}(${version}).${BINDING_POLICY}`
}

function fullNameOf(record: StoredRecord): string {
  const { name, version } = IMPLEMENTATIONS.read(record)
  return `${name}(${version})`
}
