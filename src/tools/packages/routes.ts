import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readQuestion } from '../assets/batch/body.ts'
import { bodyOf, objectMember, refuseBad, requiredTextMember } from '../assets/body.ts'
import { mountKind } from '../assets/kind-routes.ts'
import type { ToolsContext } from '../context.ts'
import { actorOf, callerOf, mountResource, queryOf, sendJson } from '../http/routes.ts'
import { readUploads, withFile } from '../http/upload.ts'
import { queryPairs } from '../list/query.ts'
import { defaultVersion } from '../policies/known.ts'
import { quoted } from '../problems.ts'
import { ADMINISTRATION, isAllowed } from '../team/access.ts'
import { exportPackage, readExport } from './export.ts'
import { type InstallOrder, installPackage } from './install.ts'
import { packageDependencies } from './needs.ts'
import { PACKAGES } from './package.ts'
import { valuesOf } from './policies.ts'
import { presentArtifact, presentExport, presentPlan } from './present.ts'
import { uploadPackage } from './upload.ts'

const TEXT = { charactersMax: 255 }

/** Packages: what they would have, making, checking and installing them. */
export function mountPackages(scope: FastifyInstance, tools: ToolsContext): void {
  // They come by export and by installing, and a copy of one would have nothing else in it.
  mountKind(scope, tools, PACKAGES, { create: null, copy: null })
  mountResource(scope, '/assets/packageDependencies', {
    POST: {
      // A question in spite of its verb.
      scope: 'read',
      handle: async (request, reply) => {
        const { ids } = readQuestion(request.body, queryPairs(queryOf(request)))
        return sendJson(reply, 200, await packageDependencies(tools, ids))
      },
    },
  })
  mountResource(scope, '/export/package', {
    POST: async (request, reply) => {
      const order = readExport(request.body, await defaultVersion(tools))
      return sendJson(
        reply,
        200,
        presentExport(await exportPackage(tools, order, actorOf(request))),
      )
    },
  })
  // A scope of its own, since only here a form with a large file is read.
  scope.register(async (part) => mountUpload(part, tools))
  mountResource(scope, '/import/package/install', {
    POST: async (request, reply) => {
      const order = readInstall(request)
      const { plan, outcome } = await installPackage(tools, order, actorOf(request))
      return sendJson(reply, 200, presentPlan(plan, outcome))
    },
  })
}

function mountUpload(scope: FastifyInstance, tools: ToolsContext): void {
  readUploads(scope, { blobs: tools.blobs, sizeBytesMax: tools.uploadBytesMax })
  mountResource(scope, '/import/package/upload', {
    POST: async (request, reply) =>
      withFile(tools.blobs, request.body, async ({ staged }) => {
        const { artifact, plan } = await uploadPackage(tools, staged, actorOf(request))
        return sendJson(reply, 200, {
          artifact: presentArtifact(artifact, valuesOf(plan.policies)),
          ...presentPlan(plan),
        })
      }),
  })
}

/** The `artifact` that an upload was answered with. @throws {ApiError} `param_invalid` */
function readInstall(request: FastifyRequest): InstallOrder {
  const body = bodyOf(request.body)
  const artifactId = requiredTextMember(body, 'id', TEXT)
  const name = requiredTextMember(body, 'name', TEXT)
  const properties = objectMember(body, 'properties')?.members ?? {}
  for (const [policy, value] of Object.entries(properties)) {
    if (typeof value !== 'string')
      body.problems.push(`The value of ${quoted(policy)} must be text.`)
  }
  refuseBad(body)
  return {
    ...{ artifactId, name, maySetPolicies: isAllowed(callerOf(request), ADMINISTRATION) },
    // Sound: others were refused.
    properties: properties as Readonly<Record<string, string>>,
  }
}
