import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  actorOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { sendAssets } from '../list/routes.ts'
import type { Asset } from './asset.ts'
import { bodyOf, refuseBad } from './body.ts'
import { mountCommon } from './common-routes.ts'
import { readAssetChanges } from './fields.ts'
import type { AssetKind } from './kind.ts'
import { copyOfKind, createOfKind, type KindRules, type ServedKind } from './kind-service.ts'
import { readMemberChanges } from './members.ts'
import { readOfType } from './read.ts'
import { updateAsset } from './update.ts'
import { readVersionFields } from './versions.ts'

/** Gives a plain type of assets all of its routes: list, create, read, update, copy and the rest. */
export function mountKind<Own extends object>(
  scope: FastifyInstance,
  tools: ToolsContext,
  kind: AssetKind<Own>,
  rules: KindRules<Own> = {},
): void {
  const url = `/${kind.group}`
  const served = { kind, rules }
  const change = rules.change ?? ((options) => updateAsset(tools, kind, options))
  mountResource(scope, url, {
    GET: async (request, reply) =>
      sendAssets(tools, { request, reply }, { source: tools.lists.of(kind), ...listOf(kind) }),
    ...(rules.create !== null && {
      POST: async (request: FastifyRequest, reply: FastifyReply) => {
        const given = { json: request.body, ...actorOf(request) }
        return sendCreated(reply, served, await createOfKind(tools, served, given))
      },
    }),
  })
  mountResource(scope, `${url}/:id`, {
    GET: async (request, reply) => {
      const record = await readOfType(tools, kind, paramsOf<'id'>(request).id)
      return sendAsset(reply, served, kind.read(record))
    },
    PUT: async (request, reply) => {
      const changes = readChanges(kind, request.body)
      await rules.check?.(changes)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), changes }
      return sendDone(reply, (await change(options)).etag)
    },
  })
  if (rules.copy !== null) {
    mountResource(scope, `${url}/:id/versions`, {
      POST: async (request, reply) => {
        const fields = readVersionFields(request.body)
        const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), ...fields }
        return sendCreated(reply, served, await copyOfKind(tools, served, options))
      },
    })
  }
  mountCommon(scope, tools, kind)
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
function readChanges<Own extends object>(kind: AssetKind<Own>, json: unknown) {
  const body = bodyOf(json)
  const changes = { ...readAssetChanges(body), ...readMemberChanges(kind.members, body) }
  refuseBad(body)
  return changes
}

function sendCreated<Own extends object>(
  reply: FastifyReply,
  served: ServedKind<Own>,
  asset: Asset & Own,
): Promise<FastifyReply> {
  reply.code(201).header('location', toolsPath(served.kind.group, asset.id))
  return sendAsset(reply, served, asset)
}

/** Sends one asset with its counter as the entity tag. */
async function sendAsset<Own extends object>(
  reply: FastifyReply,
  { kind, rules }: ServedKind<Own>,
  asset: Asset & Own,
): Promise<FastifyReply> {
  const body = { ...kind.present(asset), ...(await rules.presentAlone?.(asset)) }
  return sendJson(reply.header('etag', `"${asset.etag}"`), reply.statusCode, body)
}
