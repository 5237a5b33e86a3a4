import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

export const policyGet = defineCommand({
  name: 'policy get',
  about: 'Print the value of a policy.',
  options: {},
  positionals: ['NAME'],
  async run(call) {
    const [name = ''] = call.positionals
    const policy = await manage(call, 'policy.get', { name })
    call.output.result(policy, { lines: [policy.value], brief: policy.value })
    return 0
  },
})

export const policySet = defineCommand({
  name: 'policy set',
  about: 'Set a policy, such as *.*.Asset_AllowPurge None.',
  options: {},
  positionals: ['NAME', 'VALUE'],
  async run(call) {
    const [name = '', value = ''] = call.positionals
    const policy = await manage(call, 'policy.set', { name, value })
    call.output.result(policy, { lines: [`${policy.name} = ${policy.value}`] })
    return 0
  },
})

export const policyDelete = defineCommand({
  name: 'policy delete',
  about: 'Remove a policy, so that its default holds again.',
  options: {},
  positionals: ['NAME'],
  async run(call) {
    const [name = ''] = call.positionals
    const deleted = await manage(call, 'policy.delete', { name })
    call.output.result(deleted, { lines: [`${deleted.name} is set no more.`] })
    return 0
  },
})

export const policyList = defineCommand({
  name: 'policy list',
  about: 'List the policies that are set.',
  options: {},
  async run(call) {
    const result = await manage(call, 'policy.list', {})
    const rows = result.policies.map(({ name, value }) => [name, value])
    const lines = rows.length > 0 ? columns(rows) : ['No policy is set; the defaults hold.']
    const brief = result.policies.map(({ name }) => name).join('\n')
    call.output.result(result, { lines, brief })
    return 0
  },
})
