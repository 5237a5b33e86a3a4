import type { FastifyInstance } from 'fastify'
import { bodyOf, refuseBad, textMember } from '../../assets/body.ts'
import type { ToolsContext } from '../../context.ts'
import { changeOptionsOf, mountResource, paramsOf, sendDone } from '../../http/routes.ts'
import { setTarget } from './target.ts'

const ID = { charactersMax: 100 }

/** Where the calls of one backend are rerouted to. */
export function mountTarget(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends/:id/target', {
    PUT: async (request, reply) => {
      const body = bodyOf(request.body)
      // To be rid of a target one must say so.
      if (!Object.hasOwn(body.members, 'id')) body.problems.push("'id' is required; null for none.")
      const targetId = textMember(body, 'id', ID)
      refuseBad(body)
      const options = { ...changeOptionsOf(request), targetId }
      return sendDone(reply, (await setTarget(tools, paramsOf<'id'>(request).id, options)).etag)
    },
  })
}
