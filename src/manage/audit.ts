import { ApiError } from '../errors.ts'
import { parseAuditQuery, readAudit } from '../tools/audit/read.ts'
import { operation } from './operation.ts'

/** As the tools API reads it: times are ISO 8601, or before now, such as -2h. */
export const showAudit = operation(
  {
    ...{ since: 'text?', until: 'text?', actor: 'text?', action: 'text?' },
    ...{ target: 'text?', words: 'text?', limit: 'text?' },
  },
  async ({ tools }, { since, until, words, limit = '50', ...same }) => {
    const given = { ...same, fromTime: since, toTime: until, q: words, limit }
    const pairs = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
    try {
      const { entries, total } = await readAudit(tools, parseAuditQuery(pairs, tools.now()))
      return { entries, total }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // People here know the flags, not the parameters.
      const text = error.message.replace("'fromTime'", '--since').replace("'toTime'", '--until')
      throw new ApiError(error.code, text, { cause: error })
    }
  },
)
