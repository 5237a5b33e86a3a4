import { INSTANCE } from '../../engine/backend.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { mentioned } from '../assets/dependencies.ts'
import { type Mention, mentionText } from '../assets/references.ts'
import type { ToolsContext } from '../context.ts'
import { IMPLEMENTATIONS, mockName } from '../implementations/implementation.ts'
import { fullNameIn } from '../implementations/read.ts'
import { namedClaim } from '../named/named.ts'
import { type Policy, policyAddress } from '../policies/policy.ts'
import { ROLES } from '../roles/role.ts'
import type { Contents, Item } from './contents.ts'
import { PACKAGES } from './package.ts'
import { bindingName, readPolicies } from './policies.ts'

export type PlannedAsset = {
  readonly item: Item
  readonly status: 'NEW' | 'EXISTS' | 'CONFLICT' | 'INVALID'
  /** What is here already of this name and version. */
  readonly existing: StoredRecord | null
  /** What stands in the way. */
  readonly detail: string | null
  /** The implementation that a new API is bound to; `null`: its mock. */
  readonly boundTo: Mention | null
}

export type PlannedPolicy = Policy & {
  readonly status: 'NEW' | 'EXISTS'
  /** It comes with its API and is not kept by itself. */
  readonly isBinding: boolean
}

/** What installing a package here would do. */
export type Plan = {
  readonly contents: Contents
  readonly assets: readonly PlannedAsset[]
  /** The package of this name and version that is here. */
  readonly existing: StoredRecord | null
  /** Those here, outside of the package, to which new ones are tied. */
  readonly tied: readonly StoredRecord[]
  /** Roles that it names and that are not here. */
  readonly missingRoles: readonly string[]
  readonly unresolved: readonly { readonly name: string; readonly version: string }[]
  readonly policies: readonly PlannedPolicy[]
  readonly policyProblems: readonly string[]
}

export function isPossible({ assets, policyProblems }: Plan): boolean {
  const isGood = ({ status }: PlannedAsset) => status === 'NEW' || status === 'EXISTS'
  return policyProblems.length === 0 && assets.every(isGood)
}

export function packageMention({ manifest }: Contents): Mention {
  const { name, version } = manifest.package
  return { type: PACKAGES.name, namespace: null, name, version }
}

/** Holds a package against what is here. */
export async function planPackage(
  tools: ToolsContext,
  contents: Contents,
  properties: Readonly<Record<string, string>>,
): Promise<Plan> {
  const { items, policiesText } = contents
  const drafts = items.flatMap(({ draft }) => (draft ? [draft] : []))
  const mentions = items.map(({ mention }) => mention)
  const { policies, problems } = readPolicies(policiesText, mentions, properties)
  const bindings = new Map(policies.map(({ name, value }) => [name, value]))
  const asked = [...mentions, ...drafts.flatMap(({ ties, needs }) => [...ties, ...needs])]
  const here = await findAll(tools, [...asked, ...mentions.flatMap(mockOf)])
  const packed = new Map(items.map((item) => [mentionText(item.mention), item]))
  const planned = items.map((item) => planAsset(item, { packed, here, bindings }))
  const isThere = (one: Mention) => packed.has(mentionText(one)) || here.has(mentionText(one))
  const fresh = planned.filter(({ status }) => status === 'NEW')
  const ties = fresh.flatMap(({ item }) => item.draft?.ties ?? [])
  const outside = ties.filter((tie) => !packed.has(mentionText(tie))).map(mentionText)
  return {
    contents,
    assets: planned,
    existing: await mentioned(tools, packageMention(contents)),
    tied: [...new Set(outside)].flatMap((text) => here.get(text) ?? []),
    missingRoles: await missingRoles(tools, [...new Set(drafts.flatMap(({ roles }) => roles))]),
    unresolved: drafts
      .flatMap(({ needs }) => needs)
      .filter((one) => !isThere(one))
      .map(({ namespace, name, version }) => ({ name: `${namespace}/${name}`, version })),
    policies: await planPolicies(tools, policies, planned),
    policyProblems: problems,
  }
}

type Known = {
  readonly packed: ReadonlyMap<string, Item>
  readonly here: ReadonlyMap<string, StoredRecord>
  /** The values of policies. */
  readonly bindings: ReadonlyMap<string, string>
}

function planAsset(item: Item, known: Known): PlannedAsset {
  const { mention, draft, problem } = item
  const existing = known.here.get(mentionText(mention)) ?? null
  const plain = { item, existing, detail: null, boundTo: null }
  if (!draft) return { ...plain, status: 'INVALID', detail: problem }
  if (existing) {
    const detail = foreignOwner(item, existing, known)
    return { ...plain, status: detail === null ? 'EXISTS' : 'CONFLICT', detail }
  }
  const { boundTo, detail } = bindingOf(item, known)
  const found = missingTie(draft.ties, known) ?? mockInTheWay(mention, known) ?? detail
  return { ...plain, boundTo, status: found === null ? 'NEW' : 'CONFLICT', detail: found }
}

/** Implementations have names of their own, whatever their API is. */
function foreignOwner({ draft }: Item, existing: StoredRecord, { here }: Known): string | null {
  if (existing.type !== IMPLEMENTATIONS.recordType) return null
  const [api] = draft?.ties ?? []
  const owner = api && here.get(mentionText(api))
  if (owner?.id === IMPLEMENTATIONS.read(existing).apiId) return null
  return 'An implementation of this name and version is here, of another API.'
}

function missingTie(ties: readonly Mention[], { packed, here }: Known): string | null {
  const texts = ties.map(mentionText)
  const missing = texts.find((text) => !packed.has(text) && !here.has(text))
  return missing === undefined
    ? null
    : `It is tied to ${missing}, which is neither in the package nor here.`
}

function mockInTheWay(mention: Mention, { packed, here }: Known): string | null {
  const taken = mockOf(mention).map(mentionText)
  return taken.some((text) => packed.has(text) || here.has(text))
    ? `The implementation ${taken.join()} takes the name of its mock.`
    : null
}

function mockOf({ type, namespace, name, version }: Mention): Mention[] {
  if (type !== 'API') return []
  return [{ type: 'APIImplementation', namespace, name: mockName(name), version }]
}

function bindingOf(
  { mention }: Item,
  { packed, bindings }: Known,
): Pick<PlannedAsset, 'boundTo' | 'detail'> {
  if (mention.type !== 'API') return { boundTo: null, detail: null }
  const value = bindings.get(bindingName(mention)) ?? ''
  const [mock] = mockOf(mention)
  if (value === '' || value === `${mock?.name}(${mock?.version})`) {
    return { boundTo: null, detail: null }
  }
  const named = fullNameIn(value)
  const boundTo: Mention | null = named && {
    ...{ type: 'APIImplementation', namespace: mention.namespace },
    ...named,
  }
  const owner = boundTo && packed.get(mentionText(boundTo))?.draft?.ties[0]
  if (owner && mentionText(owner) === mentionText(mention)) return { boundTo, detail: null }
  return { boundTo: null, detail: `A policy binds it to ${value}, which the package has not.` }
}

async function planPolicies(
  { store }: ToolsContext,
  policies: readonly Policy[],
  assets: readonly PlannedAsset[],
): Promise<PlannedPolicy[]> {
  const apis = new Map(
    assets
      .filter(({ item }) => item.mention.type === 'API')
      .map(({ item, status }) => [bindingName(item.mention), status]),
  )
  return Promise.all(
    policies.map(async (policy) => {
      const api = apis.get(policy.name)
      const isHere = api ? api === 'EXISTS' : (await store.get(policyAddress(policy.name))) !== null
      const status = isHere ? 'EXISTS' : 'NEW'
      return { ...policy, status, isBinding: api !== undefined } as const
    }),
  )
}

async function missingRoles(
  { store }: ToolsContext,
  roles: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    roles.map((role) => store.getByClaim(INSTANCE, namedClaim(ROLES, role))),
  )
  return roles.filter((_, at) => found[at] === null)
}

/** The live ones among these, by their texts. */
async function findAll(
  tools: ToolsContext,
  mentions: readonly Mention[],
): Promise<ReadonlyMap<string, StoredRecord>> {
  const wanted = new Map(mentions.map((one) => [mentionText(one), one]))
  const found = await Promise.all(
    [...wanted].map(async ([text, one]) => [text, await mentioned(tools, one)] as const),
  )
  return new Map(found.flatMap(([text, record]) => (record ? [[text, record] as const] : [])))
}
