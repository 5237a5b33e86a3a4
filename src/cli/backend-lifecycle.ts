import { backendLines } from './backend-lines.ts'
import { type Command, defineCommand } from './command.ts'
import { manage } from './manage.ts'

const COMMENT = { value: 'TEXT', about: 'Why; the history keeps it.' }

/** Those of a backend that take nothing but a comment. */
function simple(
  verb: 'publish' | 'deactivate' | 'activate' | 'trash' | 'restore',
  about: string,
): Command {
  return defineCommand({
    name: `backend ${verb}`,
    about,
    options: { comment: COMMENT },
    positionals: ['BACKEND'],
    async run(call) {
      const [backend = ''] = call.positionals
      const { comment } = call.values
      const shown = await manage(call, `backend.${verb}`, { backend, comment })
      const line = `${shown.name} ${shown.version} is now ${shown.state}.`
      call.output.result(shown, { lines: [line], brief: shown.state })
      return 0
    },
  })
}

export const backendPublish = simple('publish', 'Publish a draft for good.')
export const backendDeactivate = simple('deactivate', 'Make a backend answer no calls.')
export const backendActivate = simple('activate', 'Make an inactive backend answer calls again.')
export const backendTrash = simple('trash', 'Put a backend into the trash.')
export const backendRestore = simple('restore', 'Take a backend out of the trash, by its id.')

export const backendVersion = defineCommand({
  name: 'backend version',
  about: 'Copy a backend to a draft of another version, with keys of its own.',
  options: {
    version: { value: 'VERSION', about: 'The version of the copy.', required: true },
    comment: COMMENT,
  },
  positionals: ['BACKEND'],
  async run(call) {
    const [backend = ''] = call.positionals
    const { version, comment } = call.values
    const made = await manage(call, 'backend.version', { backend, version, comment })
    call.output.result(made, { lines: backendLines(made), brief: made.id })
    return 0
  },
})

export const backendPurge = defineCommand({
  name: 'backend purge',
  about: 'Remove a backend that is in the trash, and all its data, for good.',
  options: {},
  positionals: ['ID'],
  async run(call) {
    const [id = ''] = call.positionals
    const purged = await manage(call, 'backend.purge', { id })
    const lines = [
      `${purged.name} ${purged.version} is gone. The server removes its data and files in the background.`,
    ]
    call.output.result(purged, { lines, brief: purged.id })
    return 0
  },
})

export const backendKeys = defineCommand({
  name: 'backend keys',
  about: 'Print the keys of a backend, after replacing or revoking some if so told.',
  options: {
    refresh: { value: 'SET', about: 'oauth or basic: make new keys; the old ones end at once.' },
    revoke: { value: 'SET', about: 'oauth or basic: take the keys away.' },
  },
  positionals: ['BACKEND'],
  async run(call) {
    const [backend = ''] = call.positionals
    const { refresh, revoke } = call.values
    const shown = await manage(call, 'backend.keys', { backend, refresh, revoke })
    const lines = [...backendLines(shown), `Anonymous key: ${shown.anonymousKey ?? 'revoked'}`]
    call.output.result(shown, { lines, brief: shown.clientId ?? '' })
    return 0
  },
})
