import { APIS } from '../../apis/api.ts'
import { requireValid } from '../../apis/check.ts'
import { readContent } from '../../apis/content.ts'
import { newApi } from '../../apis/service.ts'
import { readMembers } from '../../assets/members.ts'
import { type Porter, sharedContent, sharedFields } from '../porter.ts'

/** Which implementation takes the calls is a policy, and comes with those. */
export const apiPorter: Porter = {
  pack: async (tools, record) => {
    const { security, hasBusinessObjects, ...api } = APIS.read(record)
    const { content } = await readContent(tools, api.id)
    return {
      content: { ...sharedContent(api), security, hasBusinessObjects, ...content },
      archive: null,
    }
  },
  unpack: async (body, { tools }) => {
    const fields = { ...sharedFields(body), ...readMembers(APIS.members, body) }
    if (body.problems.length === 0 && fields.apiDefn) await requireValid(tools, fields.apiDefn)
    return {
      ...{ ties: [], needs: [] },
      roles: fields.security?.roles ?? [],
      make: ({ by, id, comment, defaultId }) => {
        const { record, alongside } = newApi({ ...fields, actionComment: comment }, by, {
          id,
          defaultId,
        })
        return { record, also: alongside }
      },
    }
  },
}
