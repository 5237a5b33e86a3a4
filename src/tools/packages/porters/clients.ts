import { readMembers } from '../../assets/members.ts'
import { readAssets } from '../../assets/read.ts'
import { BACKENDS } from '../../backends/type.ts'
import { CLIENTS } from '../../clients/client.ts'
import { mentionMember, type Porter, sharedContent, sharedFields, shortContent } from '../porter.ts'

const { backendId: _, ...MEMBERS } = CLIENTS.members

export const clientPorter: Porter = {
  pack: async (tools, record) => {
    const { platform, appId, backendId, ...client } = CLIENTS.read(record)
    const [backend] = backendId === null ? [] : await readAssets(tools, [backendId])
    const content = {
      ...{ ...sharedContent(client), platform, appId },
      backend: backend ? shortContent(BACKENDS.read(backend)) : null,
    }
    return { content, archive: null }
  },
  unpack: async (body) => {
    const fields = { ...sharedFields(body), ...readMembers(MEMBERS, body) }
    const backend = mentionMember(body, 'backend', 'MobileBackend')
    return {
      ties: backend ? [backend] : [],
      ...{ needs: [], roles: [] },
      make: ({ by, id, comment, idOf }) => {
        const backendId = backend && idOf(backend)
        const members = { ...fields, actionComment: comment, backendId }
        return { record: CLIENTS.newRecord(members, { ...by, id }), also: [] }
      },
    }
  },
}
