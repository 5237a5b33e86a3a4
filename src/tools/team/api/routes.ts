import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../../errors.ts'
import { sessionToken } from '../../../lib/ids.ts'
import type { ToolsContext } from '../../context.ts'
import { toolsPath } from '../../http/paths.ts'
import {
  actorOf,
  callerOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  sendDone,
  sendJson,
} from '../../http/routes.ts'
import { type Exchange, partOf, sendPage } from '../../list/routes.ts'
import { ADMINISTRATION, ANYONE } from '../access.ts'
import type { Caller } from '../bearer.ts'
import { changeMember, changeOwnPassword, removeMember } from '../change-member.ts'
import { type Member, memberOfRecord } from '../member.ts'
import { createMember, listMembers, readMember } from '../members.ts'
import { countTokens, createPersonalToken, listTokens, readToken, revokeToken } from '../tokens.ts'
import { readMemberChanges, readNewMember, readNewToken, readPasswords } from './body.ts'
import { presentMember, presentToken } from './present.ts'

/** Routes under `/mobile/tools/1.0/team`: the members and their tokens. */
export function mountTeam(scope: FastifyInstance, tools: ToolsContext): void {
  mountMembers(scope, tools)
  mountMe(scope, tools)
  mountTokens(scope, tools)
}

function mountMembers(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/team/members', {
    GET: async (request, reply) =>
      sendPage(tools, { request, reply }, async (part) =>
        partOf(await listMembers(tools), part, presentMember),
      ),
    POST: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        const { password, ...wanted } = readNewMember(request.body)
        // Without a password one is made up, and told this once.
        const made = password === null ? { password: sessionToken() } : {}
        const chosen = password ?? made.password ?? ''
        const member = await createMember(tools, { ...wanted, password: chosen }, actorOf(request))
        reply.header('location', toolsPath('team', 'members', member.id))
        return sendMember(reply.code(201), member, made)
      },
    },
  })
  mountResource(scope, '/team/members/:member', {
    GET: async (request, reply) => {
      const record = await readMember(tools, paramsOf<'member'>(request).member)
      return sendMember(reply, memberOfRecord(record))
    },
    PUT: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        const options = { ...membersOptions(request), changes: readMemberChanges(request.body) }
        const { etag } = await changeMember(tools, paramsOf<'member'>(request).member, options)
        return sendDone(reply, etag)
      },
    },
    DELETE: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        await removeMember(tools, paramsOf<'member'>(request).member, membersOptions(request))
        return sendDone(reply)
      },
    },
  })
}

function mountMe(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/team/me', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) => {
        const record = await readMember(tools, memberIdOf(callerOf(request)))
        return sendMember(reply, memberOfRecord(record))
      },
    },
  })
  mountResource(scope, '/team/me/password', {
    PUT: {
      ...ANYONE,
      handle: async (request, reply) => {
        const memberId = signedInOf(callerOf(request))
        const passwords = readPasswords(request.body)
        await changeOwnPassword(tools, memberId, { ...passwords, actor: actorOf(request) })
        return sendDone(reply)
      },
    },
  })
}

function mountTokens(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/team/tokens', {
    GET: { ...ANYONE, handle: async (request, reply) => sendTokens(tools, { request, reply }) },
    POST: {
      ...ANYONE,
      handle: async (request, reply) => {
        const memberId = signedInOf(callerOf(request))
        const wanted = { ...readNewToken(request.body, tools.now()), memberId }
        const { token, ...made } = await createPersonalToken(tools, wanted, actorOf(request))
        reply.header('location', toolsPath('team', 'tokens', made.id))
        return sendJson(reply, 201, { ...presentToken(made), token })
      },
    },
  })
  mountResource(scope, '/team/tokens/:id', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) => {
        const token = await readToken(tools, paramsOf<'id'>(request).id, whoseTokens(request))
        return sendJson(reply, 200, presentToken(token))
      },
    },
    DELETE: {
      ...ANYONE,
      handle: async (request, reply) => {
        const { id } = paramsOf<'id'>(request)
        await revokeToken(tools, id, actorOf(request), whoseTokens(request))
        return sendDone(reply)
      },
    },
  })
}

function sendTokens(tools: ToolsContext, exchange: Exchange): Promise<FastifyReply> {
  const whose = whoseTokens(exchange.request)
  const some = whose === null ? {} : { memberId: whose }
  return sendPage(tools, exchange, async (part) => {
    const [total, tokens] = await Promise.all([
      countTokens(tools, some.memberId),
      listTokens(tools, { ...some, ...part }),
    ])
    return { items: tokens.map(presentToken), total }
  })
}

function membersOptions(request: FastifyRequest) {
  const { ifMatch, ...actor } = changeOptionsOf(request)
  return { actor, ifMatch }
}

/** `null`: administrators see those of everyone, and of scripts. */
function whoseTokens(request: FastifyRequest): string | null {
  const { roles, memberId } = callerOf(request)
  return roles.includes('Administrator') ? null : (memberId ?? NOBODY)
}

/** No member has this id. */
const NOBODY = 'nobody'

/** @throws {ApiError} `member_unknown` */
function memberIdOf({ memberId }: Caller): string {
  if (memberId !== null) return memberId
  throw new ApiError('member_unknown', 'This token belongs to a script, not to a member.')
}

/**
 * A token must not make another that outlives it or may do more, nor a new password.
 *
 * @throws {ApiError} `sign_in_required`
 */
function signedInOf({ memberId, signedIn }: Caller): string {
  if (signedIn && memberId !== null) return memberId
  throw new ApiError('sign_in_required')
}

function sendMember(reply: FastifyReply, member: Member, told: object = {}): FastifyReply {
  const body = { ...presentMember(member), ...told }
  return sendJson(reply.header('etag', `"${member.etag}"`), reply.statusCode, body)
}
