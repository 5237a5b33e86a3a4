import type { ShownToken } from '../manage/team.ts'
import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

export const tokenCreate = defineCommand({
  name: 'token create',
  about: 'Make a token for the tools API; it is printed once and not kept.',
  options: {
    role: { value: 'ROLE', about: 'Administrator, Developer or Analyst; for a script required.' },
    name: { value: 'NAME', about: 'What it is for, as histories show it.' },
    login: { value: 'LOGIN', about: 'The member whom it is to belong to; without one, a script.' },
    scopes: { value: 'SCOPES', about: 'read, write, admin, or some of them; all unless given.' },
    ttl: { value: 'TIME', about: '12h, 90d or never; 90d unless given.' },
  },
  async run(call) {
    const { role, name, login, scopes, ttl } = call.values
    const created = await manage(call, 'token.create', { role, name, login, scopes, ttl })
    const lines = [
      created.token,
      '',
      'Send it as "Authorization: Bearer TOKEN". It is not shown again.',
    ]
    call.output.result(created, { lines, brief: created.token })
    return 0
  },
})

export const tokenList = defineCommand({
  name: 'token list',
  about: 'List the tokens of scripts and those that members made.',
  options: {},
  async run(call) {
    const result = await manage(call, 'token.list', {})
    const rows = [['ID', 'NAME', 'MEMBER', 'ROLE', 'SCOPES', 'ENDS'], ...result.tokens.map(rowOf)]
    const lines = result.tokens.length > 0 ? columns(rows) : ['There are no tokens.']
    call.output.result(result, { lines, brief: result.tokens.map(({ id }) => id).join('\n') })
    return 0
  },
})

function rowOf({ id, name, member, role, scopes, expiresOn }: ShownToken): string[] {
  return [
    id,
    name,
    member ?? '-',
    role ?? 'as member',
    scopes?.join(',') ?? 'all',
    dayOf(expiresOn),
  ]
}

function dayOf(time: string | null): string {
  return time === null ? 'never' : time.slice(0, 10)
}

export const tokenRevoke = defineCommand({
  name: 'token revoke',
  about: 'End a token, by its id.',
  options: {},
  positionals: ['ID'],
  async run(call) {
    const [id = ''] = call.positionals
    const revoked = await manage(call, 'token.revoke', { id })
    call.output.result(revoked, { lines: [`The token ${revoked.name} is worth nothing any more.`] })
    return 0
  },
})
