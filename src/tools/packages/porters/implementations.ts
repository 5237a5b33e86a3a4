import { ApiError } from '../../../errors.ts'
import { APIS } from '../../apis/api.ts'
import { artifactInsert, readArtifact } from '../../artifacts/artifact.ts'
import { readOfType } from '../../assets/read.ts'
import { readArchive } from '../../implementations/archive.ts'
import { IMPLEMENTATIONS } from '../../implementations/implementation.ts'
import {
  asRead,
  mentionMember,
  type Porter,
  sharedContent,
  sharedFields,
  shortContent,
} from '../porter.ts'

/** Where a program runs is not told: it is another place in each installation. */
export const implementationPorter: Porter = {
  pack: async (tools, record) => {
    const { artifactId, apiId, ...implementation } = IMPLEMENTATIONS.read(record)
    if (artifactId === null) {
      const detail = `${implementation.name} is a mock; it comes with its API.`
      throw new ApiError('asset_blocked', detail)
    }
    const [api, archive] = await Promise.all([
      readOfType(tools, APIS, apiId),
      readArtifact(tools, artifactId),
    ])
    const content = { ...sharedContent(implementation), api: shortContent(APIS.read(api)) }
    return { content, archive }
  },
  unpack: async (body, { archivePath }) => {
    const fields = sharedFields(body)
    const api = mentionMember(body, 'api', 'API')
    if (!api) body.problems.push("'api' is required.")
    if (archivePath === null) throw new ApiError('archive_invalid', 'It has no archive.')
    const { main, node, needs } = await readArchive(archivePath)
    const members = { main, node, needs, mock: false, default: false, upstreamUrl: null }
    const nowhere = { ...fields, ...members, apiId: '', artifactId: null }
    const { mentions = [] } = IMPLEMENTATIONS.references(asRead(IMPLEMENTATIONS, nowhere))
    return {
      ties: api ? [api] : [],
      ...{ needs: mentions, roles: [] },
      make: ({ by, id, comment, idOf, artifact }) => {
        if (!api || !artifact) throw new RangeError('an implementation needs an API and an archive')
        const facts = { actionComment: comment, apiId: idOf(api), artifactId: artifact.id }
        const record = IMPLEMENTATIONS.newRecord({ ...fields, ...members, ...facts }, { ...by, id })
        return { record, also: [artifactInsert(artifact, by.at)] }
      },
    }
  },
}
