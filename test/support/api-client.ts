import type { Body } from './test-app.ts'

export type Values = Readonly<Record<string, unknown>>

type Answer = { readonly status: number; readonly body: Body }

/** A server that does not answer in this time hangs. */
const TIMEOUT_MS = 20_000

/** Calls the data API of a started server over the network, as one user or as nobody. */
export class ApiClient {
  readonly #url: string
  readonly #query: Readonly<Record<string, string>>

  constructor(url: string, key: string, session?: string) {
    this.#url = url
    this.#query = { key, ...(session ? { _session_id: session } : {}) }
  }

  /** Makes a user and calls as him. @returns the client, with what a later one needs */
  static async signUp(url: string, key: string, username: string) {
    const password = { password: 'secret', password_confirmation: 'secret' }
    const { status, body } = await new ApiClient(url, key).post('users/create', {
      username,
      ...password,
    })
    if (status !== 200) throw new Error(`no user ${username}: ${body.meta.message}`)
    const session = String(body.meta.session_id)
    const id = String(body.response.users[0].id)
    return { id, session, client: new ApiClient(url, key, session) }
  }

  /** Calls as a user that is there already. */
  static async logIn(url: string, key: string, login: string, password: string) {
    const { body } = await new ApiClient(url, key).post('users/login', { login, password })
    return new ApiClient(url, key, String(body.meta.session_id))
  }

  get(path: string, values: Values = {}): Promise<Answer> {
    return this.#send('GET', path, new URLSearchParams(textsOf(values)), null)
  }

  post(path: string, values: Values = {}): Promise<Answer> {
    return this.#send('POST', path, null, bodyOf(values))
  }

  put(path: string, values: Values = {}): Promise<Answer> {
    return this.#send('PUT', path, null, bodyOf(values))
  }

  del(path: string, values: Values = {}): Promise<Answer> {
    return this.#send('DELETE', path, new URLSearchParams(textsOf(values)), null)
  }

  async #send(
    method: string,
    path: string,
    query: URLSearchParams | null,
    body: FormData | URLSearchParams | null,
  ): Promise<Answer> {
    const all = new URLSearchParams([...new URLSearchParams(this.#query), ...(query ?? [])])
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const reply = await fetch(`${this.#url}/v1/${path}.json?${all}`, { method, body, signal })
    return { status: reply.status, body: (await reply.json()) as Body }
  }
}

/** A form, and multipart as soon as there is a file in it. */
function bodyOf(values: Values): FormData | URLSearchParams {
  const files = Object.entries(values).filter(([, value]) => value instanceof Blob)
  if (files.length === 0) return new URLSearchParams(textsOf(values))
  const form = new FormData()
  for (const [name, text] of textsOf(values)) form.append(name, text)
  for (const [name, file] of files) form.append(name, file as Blob, 'picture.jpg')
  return form
}

function textsOf(values: Values): [string, string][] {
  return Object.entries(values)
    .filter(([, value]) => !(value instanceof Blob))
    .map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
    ])
}
