import { ApiError } from '../../errors.ts'

/**
 * The fields of a form-encoded body.
 *
 * @throws {ApiError} `param_invalid` when a field comes twice: which one is meant?
 */
export function parseForm(text: string): Map<string, string> {
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) throw new ApiError('param_invalid', `'${name}' is given more than once.`)
    form.set(name, value)
  }
  return form
}
