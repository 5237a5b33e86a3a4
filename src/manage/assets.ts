import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { APIS } from '../tools/apis/api.ts'
import { requireValid } from '../tools/apis/check.ts'
import { previewOf } from '../tools/apis/preview.ts'
import { apiRules } from '../tools/apis/rules.ts'
import type { Asset } from '../tools/assets/asset.ts'
import { type BatchCommand, runBatch } from '../tools/assets/batch/command.ts'
import { presentReference } from '../tools/assets/dependencies.ts'
import type { AssetKind } from '../tools/assets/kind.ts'
import {
  copyOfKind,
  createOfKind,
  type KindRules,
  type ServedKind,
} from '../tools/assets/kind-service.ts'
import { draftsNeeded, publishAsset } from '../tools/assets/publish.ts'
import { readOfType } from '../tools/assets/read.ts'
import { CLIENTS } from '../tools/clients/client.ts'
import { clientRules } from '../tools/clients/rules.ts'
import { COLLECTIONS } from '../tools/collections/collection.ts'
import { CONNECTORS } from '../tools/connectors/connector.ts'
import type { ToolsContext } from '../tools/context.ts'
import { IMPLEMENTATIONS } from '../tools/implementations/implementation.ts'
import { implementationRules } from '../tools/implementations/rules.ts'
import { PACKAGES } from '../tools/packages/package.ts'
import { defaultVersion } from '../tools/policies/known.ts'
import { COMMAND_ACTOR } from './backends.ts'
import { allAssets, findAsset, stateOf } from './find-asset.ts'
import { operation } from './operation.ts'

/** Who has access to the machine may do what administrators may. */
const CALLER = { login: COMMAND_ACTOR, roles: ['Administrator'] } as const

/** The types that are declared, by the first word of their commands. */
const KINDS: Readonly<Record<string, (tools: ToolsContext) => ServedKind<object>>> = {
  api: (tools) => served(APIS, apiRules(tools)),
  client: (tools) => served(CLIENTS, clientRules(tools)),
  collection: () => served(COLLECTIONS),
  connector: () => served(CONNECTORS),
  implementation: (tools) => served(IMPLEMENTATIONS, implementationRules(tools)),
  package: () => served(PACKAGES, { create: null, copy: null }),
}

function served<Own extends object>(
  kind: AssetKind<Own>,
  rules: KindRules<Own> = {},
): ServedKind<object> {
  // Sound: what one of them gives goes to another of the same.
  return { kind, rules } as unknown as ServedKind<object>
}

export function kindFor({ tools }: Context, noun: string): ServedKind<object> {
  const found = Object.hasOwn(KINDS, noun) ? KINDS[noun] : undefined
  if (found) return found(tools)
  throw new ApiError('param_invalid', `"${noun}" is not one of ${Object.keys(KINDS).join(', ')}.`)
}

const ONE = { noun: 'text', asset: 'text' } as const
const CHANGE = { ...ONE, comment: 'text?' } as const

/** An asset as commands show it. */
export type ShownAsset = Pick<Asset, 'id' | 'name' | 'version'> & {
  readonly state: string
  /** The members that only its type has. */
  readonly members: Readonly<Record<string, unknown>>
}

export const listOfKind = operation({ noun: 'text' }, async (context, { noun }) => {
  const { kind } = kindFor(context, noun)
  const assets = await allAssets(context, kind)
  return {
    assets: assets.map(({ id, name, version, ...asset }) => {
      return { id, name, version, state: stateOf(asset) }
    }),
  }
})

export const showOfKind = operation(ONE, async (context, { noun, asset }) => {
  const { kind } = kindFor(context, noun)
  return shown(kind, await findAsset(context, { type: kind, noun }, asset))
})

/** `fields`: JSON, as the tools API takes it. */
export const createOne = operation(
  { noun: 'text', fields: 'text' },
  async (context, { noun, fields }) => {
    const one = kindFor(context, noun)
    const json = jsonOf(fields)
    const whole = noun === 'api' ? await withPreview(context, json) : json
    const options = { json: whole, actor: COMMAND_ACTOR }
    return shown(one.kind, await createOfKind(context.tools, one, options))
  },
)

export const publishOne = operation(
  { ...CHANGE, drafts: 'flag' },
  async (context, { noun, asset, comment = null, drafts }) => {
    const { kind } = kindFor(context, noun)
    const { tools } = context
    const { id } = await findAsset(context, { type: kind, noun }, asset)
    const needed = drafts ? await draftsNeeded(tools, await readOfType(tools, kind, id)) : []
    const agreed = needed.map(presentReference)
    const options = { id, actor: COMMAND_ACTOR, comment, agreed }
    const published = await publishAsset(tools, kind, options)
    return {
      ...shown(kind, published),
      along: agreed.map(({ name, version }) => `${name} ${version}`),
    }
  },
)

export const copyOne = operation(
  { ...CHANGE, version: 'text' },
  async (context, { noun, asset, version, comment = null }) => {
    const one = kindFor(context, noun)
    const { id } = await findAsset(context, { type: one.kind, noun }, asset)
    const options = { id, version, comment, actor: COMMAND_ACTOR }
    return shown(one.kind, await copyOfKind(context.tools, one, options))
  },
)

export const trashOne = batchOn('trash')
export const restoreOne = batchOn('untrash')

function batchOn(action: BatchCommand['action']) {
  return operation(CHANGE, async (context, { noun, asset, comment = null }) => {
    const { kind } = kindFor(context, noun)
    const { id } = await findAsset(context, { type: kind, noun }, asset)
    await runOn(context, { action, id, comment })
    return shown(kind, kind.read(await readOfType(context.tools, kind, id)))
  })
}

/** The id and not the name, since what was purged comes back from a backup only. */
export const purgeOne = operation({ noun: 'text', id: 'text' }, async (context, { noun, id }) => {
  const { kind } = kindFor(context, noun)
  const { name, version } = kind.read(await readOfType(context.tools, kind, id))
  await runOn(context, { action: 'purge', id, comment: null })
  return { id: id.toLowerCase(), name, version, purging: true }
})

type Doing = Pick<BatchCommand, 'action' | 'comment'> & { readonly id: string }

async function runOn({ tools }: Context, { action, id, comment }: Doing): Promise<void> {
  const assets = [{ id, etag: null }]
  await runBatch(tools, { action, assets, comment, format: 'short', caller: CALLER })
}

/** The name and version that a definition says itself, where they are not given. */
async function withPreview({ tools }: Context, json: Record<string, unknown>): Promise<object> {
  const { apiDefn, name, version } = json
  if (typeof apiDefn !== 'string') return json
  // A name that cannot be read is not what is wrong first.
  await requireValid(tools, apiDefn.split('\n'))
  const parsed = await tools.definitions.read(apiDefn)
  const preview = previewOf(parsed, { lines: [], defaultVersion: await defaultVersion(tools) })
  return { ...json, name: name ?? preview.name, version: version ?? preview.version }
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new ApiError('param_invalid', 'What is given is not a JSON object.')
}

function shown(kind: AssetKind<object>, asset: Asset): ShownAsset {
  const { id, name, version } = asset
  const own = Object.keys(kind.members)
  const members = Object.entries(kind.present(asset)).filter(([member]) => own.includes(member))
  return { id, name, version, state: stateOf(asset), members: Object.fromEntries(members) }
}
