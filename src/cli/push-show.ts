import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { pushLines } from './push-lines.ts'

const BACKEND = { value: 'BACKEND', about: 'Name or id of the backend.', required: true } as const

export const pushShow = defineCommand({
  name: 'push show',
  about: 'Show which push services a backend sends by; no secrets.',
  options: { backend: BACKEND },
  async run(call) {
    const result = await manage(call, 'push.show', { backend: call.values.backend })
    call.output.result(result, { lines: pushLines(result.credentials) })
    return 0
  },
})

export const pushRemove = defineCommand({
  name: 'push remove',
  about: 'Forget what a backend proves itself with to a push service.',
  options: {
    backend: BACKEND,
    service: { value: 'SERVICE', about: 'apns, fcm or web.', required: true },
  },
  async run(call) {
    const { backend, service } = call.values
    const result = await manage(call, 'push.remove', { backend, service })
    const line = result.removed ? `Removed ${service}.` : `There was nothing for ${service}.`
    call.output.result(result, { lines: [line] })
    return 0
  },
})
