import { ApiError } from '../errors.ts'
import { changeSettings, readSettings, settingsFromText } from '../tools/backends/settings.ts'
import { COMMAND_ACTOR, findBackend } from './backends.ts'
import { operation } from './operation.ts'

/** Shows the settings of a backend, after changing some. `set` is JSON: texts by name. */
export const settings = operation(
  { backend: 'text', set: 'text?' },
  async (context, { backend: wanted, set }) => {
    const { id, name, version } = await findBackend(context, wanted)
    const changes = settingsFromText(set === undefined ? {} : textsIn(set))
    const options = { actor: COMMAND_ACTOR, changes }
    const { settings: all } =
      Object.keys(changes).length === 0
        ? await readSettings(context.tools, id)
        : await changeSettings(context.tools, id, options)
    return { backend: { id, name, version }, settings: all }
  },
)

function textsIn(json: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
    }
  } catch {
    // The text may hold a password, so it is not part of what is told.
  }
  throw new ApiError('param_invalid', 'What is to be set is not a JSON object.')
}
