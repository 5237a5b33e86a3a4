import type { FastifyInstance, FastifyReply } from 'fastify'
import type { StoredRecord } from '../../storage/port.ts'
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
import { sendPage } from '../list/routes.ts'
import type { Access } from '../team/access.ts'
import { type NamedKind, presentNamed, readNamedFields } from './named.ts'
import { createNamed, deleteNamed, listNamed, readNamed, updateNamed } from './store.ts'

type Rules = {
  /** Who may read them, if not those who may change them. */
  readonly readers?: Partial<Access>
  /** @throws {ApiError} when one of this name must stay as it is */
  readonly requireFree?: (name: string) => Promise<void>
}

/** Gives a kind of named things all of its routes. */
export function mountNamed<Own extends object>(
  scope: FastifyInstance,
  tools: ToolsContext,
  { kind, readers = {}, requireFree }: Rules & { readonly kind: NamedKind<Own> },
): void {
  const url = `/${kind.path.join('/')}`
  const guard = requireFree ? { requireFree } : {}
  const send = (reply: FastifyReply, record: StoredRecord) =>
    sendJson(
      reply.header('etag', `"${record.version}"`),
      reply.statusCode,
      presentNamed(kind, record),
    )
  mountResource(scope, url, {
    GET: {
      ...readers,
      handle: async (request, reply) =>
        sendPage(tools, { request, reply }, async (page) => {
          const { records, total } = await listNamed(tools, kind, page)
          return { items: records.map((one) => presentNamed(kind, one)), total }
        }),
    },
    POST: async (request, reply) => {
      const made = { fields: readNamedFields(kind, request.body), actor: actorOf(request) }
      const record = await createNamed(tools, kind, made)
      return send(reply.code(201).header('location', toolsPath(...kind.path, record.id)), record)
    },
  })
  mountResource(scope, `${url}/:id`, {
    GET: {
      ...readers,
      handle: async (request, reply) =>
        send(reply, await readNamed(tools, kind, paramsOf<'id'>(request).id)),
    },
    PUT: async (request, reply) => {
      const fields = readNamedFields(kind, request.body)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), ...guard, fields }
      return sendDone(reply, String((await updateNamed(tools, kind, options)).version))
    },
    DELETE: async (request, reply) => {
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), ...guard }
      await deleteNamed(tools, kind, options)
      return sendDone(reply)
    },
  })
}
