import type { FastifyInstance, FastifyReply } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { ToolsContext } from '../context.ts'
import { mountResource, paramsOf, sendsText } from '../http/routes.ts'
import { artifactKey, readArtifact } from './artifact.ts'

/** `GET /mobile/tools/1.0/artifacts/{artifactId}`: the files of assets, as they came. */
export function mountArtifacts(scope: FastifyInstance, tools: ToolsContext): void {
  const url = '/artifacts/:artifactId'
  sendsText(scope, url)
  mountResource(scope, url, {
    GET: async (request, reply) => {
      const artifact = await readArtifact(tools, paramsOf<'artifactId'>(request).artifactId)
      const content = await tools.blobs.read(artifactKey(artifact))
      // Between the removal of a file and that of its record, in a purge.
      if (!content) throw new ApiError('artifact_unknown')
      const { name, contentType } = artifact
      return asFile(reply, { name, contentType })
        .header('content-length', content.sizeBytes)
        .send(content.stream)
    },
  })
}

/** Makes a reply one to be saved and not shown: whoever made the file may be anybody. */
export function asFile(
  reply: FastifyReply,
  { name, contentType }: { readonly name: string; readonly contentType: string },
): FastifyReply {
  return reply
    .code(200)
    .header('content-type', contentType)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
}
