import type { ResultFor } from '../manage/manager.ts'
import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

export const audit = defineCommand({
  name: 'audit',
  about: 'Tell who changed what, from which value to which, the latest first.',
  options: {
    since: { value: 'TIME', about: 'Not before: an ISO 8601 date, or -30s, -15m, -2h from now.' },
    until: { value: 'TIME', about: 'Not after.' },
    actor: { value: 'NAME', about: 'Only what this member, or the script of this name, did.' },
    action: {
      value: 'ACTION',
      about: 'Only this: CREATED, UPDATED, PURGED, LOCKED_OUT and so on.',
    },
    target: { value: 'ID', about: 'Only what was done to this; of policies the name.' },
    words: { value: 'TEXT', about: 'Only entries that have all of these words.' },
    limit: { value: 'NUMBER', about: 'Entries at most, 50 unless given.' },
  },
  async run(call) {
    const result = await manage(call, 'audit.show', call.values)
    const { entries, total } = result
    const more =
      total > entries.length ? [`${entries.length} of ${total}; --limit shows more.`] : []
    const rows = [['WHEN', 'WHO', 'WHAT', 'TO', 'CHANGES'], ...entries.map(rowOf)]
    const lines = total > 0 ? [...columns(rows), ...more] : ['Nothing of this kind was done.']
    call.output.result(result, { lines, brief: entries.map(({ id }) => id).join('\n') })
    return 0
  },
})

type Entry = ResultFor<'audit.show'>['entries'][number]

function rowOf({ performedOn, performedBy, tokenName, actions, target, changes }: Entry): string[] {
  const when = `${performedOn.slice(0, 19).replace('T', ' ')}Z`
  const who = tokenName === null || tokenName === performedBy ? '' : ` (${tokenName})`
  const name = [target.type, target.name ?? target.id, target.version].filter(Boolean).join(' ')
  return [when, `${performedBy}${who}`, actions.join('+'), name, changes.map(textOf).join('; ')]
}

const SHOWN_MAX = 40

function textOf({ member, from, to }: Entry['changes'][number]): string {
  return `${member}: ${short(from)} -> ${short(to)}`
}

/** One line, whatever the value is: control characters must not reach a terminal. */
function short(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'null').replace(/\p{C}/gu, '?')
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
