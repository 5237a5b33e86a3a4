import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Asset } from '../assets/asset.ts'
import type { ToolsContext } from '../context.ts'
import { pathOf, queryOf, sendJson } from '../http/routes.ts'
import { type ListDefinition, type ListSource, listAssets } from './list.ts'
import { pageReply, parsePageQuery } from './page.ts'
import { queryPairs } from './query.ts'

export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

type Part = { readonly offset: number; readonly limit: number }

type Found = { readonly items: readonly object[]; readonly total: number }

/** Answers a list of assets, sorted by the language of the caller. */
export async function sendAssets<A extends Asset>(
  tools: ToolsContext,
  { request, reply }: Exchange,
  { source, ...definition }: ListDefinition<A> & { readonly source: ListSource<A> },
): Promise<FastifyReply> {
  const { reply: list, language } = await listAssets(source, definition, {
    query: queryOf(request),
    acceptLanguage: request.headers['accept-language'],
    nowMs: tools.now(),
    limitMax: tools.listLimitMax,
  })
  reply.header('content-language', language).header('vary', 'Accept-Language')
  return sendJson(reply, 200, list)
}

/** Answers a list that can only be paged, of which `read` gets a part. */
export async function sendPage(
  { listLimitMax: limitMax }: Pick<ToolsContext, 'listLimitMax'>,
  { request, reply }: Exchange,
  read: (part: Part) => Promise<Found>,
): Promise<FastifyReply> {
  const pairs = queryPairs(queryOf(request))
  const query = parsePageQuery(pairs)
  const limit = Math.min(query.limit ?? limitMax, limitMax)
  const { items, total } = await read({ offset: query.offset, limit })
  const page = { path: pathOf(request), pairs, query, limitMax }
  return sendJson(
    reply,
    200,
    pageReply(page, total, () => items),
  )
}

/** A part of what is known as a whole. */
export function partOf<T extends object>(
  all: readonly T[],
  { offset, limit }: Part,
  present: (one: T) => object = (one) => one,
): Found {
  return { items: all.slice(offset, offset + limit).map(present), total: all.length }
}
