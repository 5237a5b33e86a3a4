import assert from 'node:assert/strict'
import { methods as dataApi } from '../../src/objects/index.ts'
import type { Answer, TestApp, TestBackend } from './test-app.ts'

type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Data = Readonly<Record<string, unknown>>

/**
 * Calls as the Titanium module ti.cloud does, on each of its platforms: the session stands in the
 * address, also with an upload; what it sends with GET and DELETE stands there too, with names as
 * they are. Objects are JSON text, also dates; booleans are 1 and 0; null is left out. It adds
 * `suppress_response_codes` and its own statistics.
 */
export class TiCloud {
  readonly #app: TestApp
  readonly #backend: TestBackend
  /** As it keeps it, from any answer that has one. */
  sessionId: string | null = null

  constructor(app: TestApp, backend: TestBackend = app.backend) {
    this.#app = app
    this.#backend = backend
  }

  async send(verb: Verb, path: string, given: Data = {}): Promise<Answer> {
    const session = this.sessionId === null ? '' : `&_session_id=${this.sessionId}`
    const url = `/v1/${path}.json?key=${this.#backend.key}${session}`
    const data = cleaned({ ...given, ...ADDED })
    const answer = await this.#app.send(
      verb === 'GET' || verb === 'DELETE'
        ? { method: verb, url: url + inQuery(data) }
        : { method: verb, url, ...(await inBody(data)) },
    )
    this.sessionId = answer.body.meta.session_id ?? this.sessionId
    return answer
  }
}

const ADDED = {
  suppress_response_codes: 'true',
  ti_analytics: '{"mid":"m1","sid":"s1","app_version":"1.0","platform":"ios"}',
}

type Cleaned = Readonly<Record<string, string | Blob>>

function cleaned(data: Data): Cleaned {
  const present = Object.entries(data).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, sentAs(value)]))
}

function sentAs(value: unknown): string | Blob {
  if (value instanceof Blob) return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function inQuery(data: Cleaned): string {
  return Object.entries(data)
    .map(([name, value]) => `&${name}=${encodeURIComponent(String(value))}`)
    .join('')
}

async function inBody(data: Cleaned) {
  const hasFile = Object.values(data).some((value) => value instanceof Blob)
  const form = hasFile ? new FormData() : new URLSearchParams()
  for (const [name, value] of Object.entries(data)) {
    if (value instanceof Blob) (form as FormData).append(name, value, 'photo.jpg')
    else form.append(name, value)
  }
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  return {
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    payload: Buffer.from(await request.arrayBuffer()),
  }
}

/** Ids that earlier calls of a walk were answered, by the name under which they were kept. */
export type Kept = Readonly<Record<string, string>>

/** A call of the module in a walk through one of its namespaces, in the order of the table. */
export type TiCall = {
  readonly call: `${Verb} ${string}`
  /** `ann` when nobody is named. */
  readonly by?: 'ben' | 'admin' | 'nobody'
  readonly data?: (kept: Kept) => Data
  /** Under which name to keep the id of the first object in the answer. */
  readonly keep?: string
  /** A part of the answer, and what it has to be. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
  readonly is?: (response: any, kept: Kept) => readonly [actual: unknown, expected: unknown]
  /** The code and message of a refusal, where that is the right answer. */
  readonly refused?: readonly [code: number, message: RegExp]
  /** What has to be done by jobs before the next call. */
  readonly settles?: boolean
}

/** Rows by the module's own name of the method; a second call of the same has a space behind. */
export type TiWalk = Readonly<Record<string, TiCall>>

/** Who calls in a walk. */
export type TiPeople = Readonly<Record<'ann' | 'ben' | 'admin' | 'nobody', TiCloud>>

/**
 * Makes the calls one by one, as three users that are new.
 * @param methods what the module has in the namespace; none may be left out
 */
export async function walk(
  app: TestApp,
  methods: readonly string[],
  calls: TiWalk = {},
): Promise<void> {
  assert.deepEqual(
    methods.filter((method) => !Object.hasOwn(calls, method)),
    [],
    'methods that are not called',
  )
  const [ann, ben, admin] = [await app.user(), await app.user(), await app.admin(adminName())]
  const people: TiPeople = {
    ...{ ann: new TiCloud(app), ben: new TiCloud(app) },
    ...{ admin: new TiCloud(app), nobody: new TiCloud(app) },
  }
  people.ann.sessionId = ann.session
  people.ben.sessionId = ben.session
  people.admin.sessionId = admin.session
  let kept: Kept = { ann: ann.id, ben: ben.id }
  for (const [method, row] of Object.entries(calls)) {
    const [verb, path = ''] = row.call.split(' ')
    const answer = await people[row.by ?? 'ann'].send(verb as Verb, path, row.data?.(kept))
    check(method, row, answer, kept)
    if (row.keep) kept = { ...kept, [row.keep]: idIn(answer) }
    if (row.settles) await app.settle()
  }
}

let admins = 0
function adminName(): string {
  admins += 1
  return `ti-admin-${admins}`
}

function check(method: string, row: TiCall, { status, body }: Answer, kept: Kept): void {
  const told = `${method}: ${body.meta.message ?? ''}`
  assert.equal(status, 200, `${method}: codes are suppressed`)
  assert.equal(body.meta.method_name, methodNameOf(row.call), method)
  if (row.refused) {
    assert.equal(body.meta.code, row.refused[0], told)
    assert.match(String(body.meta.message), row.refused[1], told)
    return
  }
  assert.deepEqual([body.meta.code, body.meta.status], [200, 'ok'], told)
  const [actual, expected] = row.is?.(body.response, kept) ?? []
  assert.deepEqual(actual, expected, method)
}

function methodNameOf(call: string): string {
  const path = (call.split(' ')[1] ?? '').replace(/^objects\/\w+/, 'objects/:classname')
  const found = dataApi.find((one) => one.path === path || one.aliases?.includes(path))
  assert.ok(found, `there is no method at ${path}`)
  return found.name
}

function idIn({ body }: Answer): string {
  const [objects] = Object.values(body.response ?? {}) as { readonly id: string }[][]
  const id = objects?.[0]?.id
  assert.ok(id, 'the answer has no object to keep')
  return id
}
