import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  callerOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { listAssets } from '../list/list.ts'
import { defaultVersion } from '../policies/known.ts'
import type { Asset, AssetFields } from './asset.ts'
import { bodyOf, refuseBad } from './body.ts'
import { createAsset } from './create.ts'
import { readAssetChanges, readAssetFields } from './fields.ts'
import type { AssetKind } from './kind.ts'
import { mountCommon } from './mount-common.ts'
import { readOfType } from './read.ts'
import { updateAsset } from './update.ts'
import { createVersion, readVersionFields } from './versions.ts'

/** What of a type takes more than its declaration. */
export type KindRules<Own extends object> = {
  /**
   * Refuses what cannot be told from a body alone.
   * @throws {ApiError}
   */
  check?(members: Partial<Own>): Promise<void>
  /** Makes one, if a record of its own is not all that comes to be. */
  create?(fields: AssetFields & Own, actor: string): Promise<Asset & Own>
}

/** Gives a plain type of assets all of its routes: list, create, read, update, copy and the rest. */
export function mountKind<Own extends object>(
  scope: FastifyInstance,
  tools: ToolsContext,
  kind: AssetKind<Own>,
  rules: KindRules<Own> = {},
): void {
  const url = `/${kind.group}`
  mountResource(scope, url, {
    GET: async (request, reply) => {
      const definition = listOf(kind)
      const { reply: list, language } = await listAssets(tools.lists.of(kind), definition, {
        query: queryOf(request),
        acceptLanguage: request.headers['accept-language'],
        nowMs: tools.now(),
        limitMax: tools.listLimitMax,
      })
      reply.header('content-language', language).header('vary', 'Accept-Language')
      return sendJson(reply, 200, list)
    },
    POST: async (request, reply) => {
      const fields = readFields(kind, request.body, await defaultVersion(tools))
      await rules.check?.(fields)
      const { login: actor } = callerOf(request)
      const create =
        rules.create ?? ((one, by) => createPlain(tools, kind, { fields: one, actor: by }))
      return sendCreated(reply, kind, await create(fields, actor))
    },
  })
  mountResource(scope, `${url}/:id`, {
    GET: async (request, reply) =>
      sendAsset(reply, kind, kind.read(await readOfType(tools, kind, paramsOf<'id'>(request).id))),
    PUT: async (request, reply) => {
      const changes = readChanges(kind, request.body)
      await rules.check?.(changes)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), changes }
      return sendDone(reply, (await updateAsset(tools, kind, options)).etag)
    },
  })
  mountResource(scope, `${url}/:id/versions`, {
    POST: async (request, reply) => {
      const fields = readVersionFields(request.body)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), ...fields }
      return sendCreated(reply, kind, await createVersion(tools, kind, options))
    },
  })
  mountCommon(scope, tools, kind)
}

function createPlain<Own extends object>(
  tools: ToolsContext,
  kind: AssetKind<Own>,
  { fields, actor }: { readonly fields: AssetFields & Own; readonly actor: string },
): Promise<Asset & Own> {
  const record = kind.newRecord(fields, { actor, at: tools.now() })
  return createAsset(tools, kind, { record, actor, comment: fields.actionComment })
}

function listOf<Own extends object>(kind: AssetKind<Own>) {
  return {
    path: toolsPath(kind.group),
    filterTypes: kind.filterTypes,
    defaults: kind.filterDefaults ?? [],
    present: (asset: Asset & Own) => kind.present(asset),
  }
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
function readFields<Own extends object>(
  kind: AssetKind<Own>,
  json: unknown,
  version: string,
): AssetFields & Own {
  const body = bodyOf(json)
  const fields = { ...readAssetFields(body, version), ...kind.readOwn(body) }
  refuseBad(body)
  return fields
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
function readChanges<Own extends object>(kind: AssetKind<Own>, json: unknown) {
  const body = bodyOf(json)
  const changes = { ...readAssetChanges(body), ...kind.readOwnChanges(body) }
  refuseBad(body)
  return changes
}

function sendCreated<Own extends object>(
  reply: FastifyReply,
  kind: AssetKind<Own>,
  asset: Asset & Own,
): FastifyReply {
  reply.code(201).header('location', toolsPath(kind.group, asset.id))
  return sendAsset(reply, kind, asset)
}

/** Sends one asset with its counter as the entity tag. */
function sendAsset<Own extends object>(
  reply: FastifyReply,
  kind: AssetKind<Own>,
  asset: Asset & Own,
): FastifyReply {
  return sendJson(reply.header('etag', `"${asset.etag}"`), reply.statusCode, kind.present(asset))
}
