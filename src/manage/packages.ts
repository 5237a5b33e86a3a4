import { Readable } from 'node:stream'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { artifactKey } from '../tools/artifacts/artifact.ts'
import { exportPackage, readExport } from '../tools/packages/export.ts'
import { installPackage } from '../tools/packages/install.ts'
import { packageDependencies } from '../tools/packages/needs.ts'
import { presentPlan } from '../tools/packages/present.ts'
import { type Uploaded, uploadPackage } from '../tools/packages/upload.ts'
import { defaultVersion } from '../tools/policies/known.ts'
import { kindFor } from './assets.ts'
import { COMMAND_ACTOR, findBackend } from './backends.ts'
import { findAsset } from './find-asset.ts'
import { operation } from './operation.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * `assets`: a line for each, which is an id, the name of a backend, or that of another asset behind
 * its type, such as `collection:Photos`. The file comes as base64.
 */
export const exportOne = operation(
  { assets: 'text', name: 'text?', version: 'text?', desc: 'text?' },
  async (context, { assets, ...given }) => {
    const { tools } = context
    const ids = await Promise.all(assets.split('\n').map((one) => idOf(context, one)))
    const { package: suggested, dependencies } = await packageDependencies(tools, ids)
    const { name = suggested.name, desc = suggested.desc } = given
    // A name of one's own begins with a version of its own, too.
    const version = given.version ?? (given.name === undefined ? suggested.version : null)
    const order = readExport(
      { package: { name, version, desc }, dependencies },
      await defaultVersion(tools),
    )
    const { made, artifact } = await exportPackage(tools, order, { actor: COMMAND_ACTOR })
    const key = artifactKey({ id: artifact.id, assetId: made.id })
    const bytes = await tools.blobs.readBytes(key)
    if (!bytes) throw new ApiError('artifact_unknown')
    return {
      ...{ id: made.id, name: made.name, version: made.version },
      assets: made.assets.map(({ id: _, ...asset }) => asset),
      roles: dependencies.roles.map(({ name }) => name),
      content: Buffer.from(bytes).toString('base64'),
    }
  },
)

export const checkPackage = operation({ content: 'text' }, async ({ tools }, { content }) =>
  presentPlan((await upload({ tools }, content)).plan),
)

/** `properties`: JSON of values in place of those of the policies inside, by their names. */
export const installOne = operation(
  { content: 'text', properties: 'text?' },
  async ({ tools }, { content, properties = '{}' }) => {
    const { artifact } = await upload({ tools }, content)
    const order = {
      ...{ artifactId: artifact.id, name: artifact.name, maySetPolicies: true },
      properties: JSON.parse(properties) as Readonly<Record<string, string>>,
    }
    const { plan, outcome } = await installPackage(tools, order, { actor: COMMAND_ACTOR })
    return presentPlan(plan, outcome)
  },
)

async function upload({ tools }: Pick<Context, 'tools'>, content: string): Promise<Uploaded> {
  const source = Readable.from([Buffer.from(content, 'base64')])
  const staged = await tools.blobs.stage(source, tools.uploadBytesMax)
  try {
    return await uploadPackage(tools, staged, { actor: COMMAND_ACTOR })
  } finally {
    await tools.blobs.discard(staged)
  }
}

async function idOf(context: Context, wanted: string): Promise<string> {
  if (UUID.test(wanted)) return wanted
  const [, noun, name = ''] = /^([a-z]+):(.+)$/.exec(wanted) ?? []
  if (noun === undefined) return (await findBackend(context, wanted)).id
  const { kind } = kindFor(context, noun)
  return (await findAsset(context, { type: kind, noun }, name)).id
}
